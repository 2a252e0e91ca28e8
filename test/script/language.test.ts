import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const run = promisify(execFile)
const inScript = (file: string) => fileURLToPath(new URL(`../../lib/script/${file}`, import.meta.url))
const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))

describe('clickcounter.js as a text', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clickcounter-language-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** In the folder, without the configuration of this repository. */
  const compile = (...options: string[]) => run(TSC, ['--ignoreConfig', ...options], { cwd: folder })

  /** The file as the compiler writes it for a version of the language. */
  async function writtenFor(target: string, file: string): Promise<string> {
    const outDir = join(folder, target)
    await compile('--allowJs', '--target', target, '--outDir', outDir, file)
    return readFile(join(outDir, 'clickcounter.js'), 'utf8')
  }

  it('has nothing that an ES2018 browser does not understand', async () => {
    const [old, newest] = await Promise.all(
      ['es2018', 'esnext'].map(target => writtenFor(target, inScript('clickcounter.js'))),
    )
    expect(old).to.equal(newest)
  })

  it('names nothing that would stay in the browser, and nothing that a policy forbids', async () => {
    const code = await readFile(inScript('clickcounter.js'), 'utf8')
    expect(code).not.to.match(/cookie|storage|indexedDB|caches|\beval\b|Function|style|innerHTML/i)
  })

  describe('to TypeScript', () => {
    const documented = async () => {
      const pages = await readFile(new URL('../../docs/pages.md', import.meta.url), 'utf8')
      return /```ts\n([\s\S]*?)```/.exec(pages)![1]!
    }

    /** The lines with a mistake in a project's file that has the types beside it. */
    async function wrongLines(code: string): Promise<number[]> {
      await copyFile(inScript('clickcounter.d.ts'), join(folder, 'clickcounter.d.ts'))
      await writeFile(join(folder, 'page.ts'), code)
      const options = ['--noEmit', '--strict', '--target', 'es2018', '--lib', 'es2018,dom', '--types', '']
      const said = await compile(...options, 'clickcounter.d.ts', 'page.ts').then(
        () => '',
        ({ stdout }) => stdout as string,
      )
      return [...new Set(Array.from(said.matchAll(/^page\.ts\((\d+),/gm), ([, line]) => Number(line)))]
    }

    it('is what the documentation shows', async () => {
      expect(await wrongLines(await documented())).to.deep.equal([])
    })

    it('is nothing else', async () => {
      const wrong = [
        'clickcounter.count(7)',
        'window.clickcounter?.count?.({})',
        'window.clickcounter = { consent: () => "yes" }',
        'window.clickcounter = { consents: () => true }',
        'const isSent: boolean | undefined = window.clickcounter?.count?.(7)',
      ]
      expect(await wrongLines(wrong.join('\n'))).to.deep.equal([1, 2, 3, 4, 5])
    })
  })
})
