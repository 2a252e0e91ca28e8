import { spawnSync } from 'node:child_process'
import { chmod, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { findBinaries } from '../../db/embedded/binaries.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  query,
  removeTemplate,
  startError,
  startQuietly,
} from './embedded-support.ts'

const NOBODY = 65534

// Postgres itself refuses root; for everybody else there is nothing special.
if (process.getuid?.() === 0) {
  const { postgres } = await findBinaries()
  const hasNamespaces = spawnSync('unshare', ['--user', `--map-user=${NOBODY}`, 'true']).status === 0
  const canNobodyRunIt = spawnSync(postgres, ['--version'], { uid: NOBODY, gid: NOBODY }).status === 0

  describe('the embedded Postgres of root', () => {
    afterEach(cleanUpAfterTest)
    after(removeTemplate)

    if (hasNamespaces) {
      it('lives in a directory that only root can enter', async () => {
        const dataDir = await makeDataDir()
        await chmod(dataDir, 0o700)
        const { server, stop } = await startQuietly(dataDir)
        expect(await query(server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
        expect((await stat(join(dataDir, 'postgres'))).uid).to.equal(0)
        await stop()
      })
    }

    describe('without user namespaces', () => {
      let path: string | undefined

      beforeEach(async () => {
        path = process.env.PATH
        // No `unshare` is found there.
        process.env.PATH = await makeDirectory()
      })
      afterEach(() => {
        process.env.PATH = path
      })

      if (canNobodyRunIt) {
        it('runs as nobody, from the first start on', async () => {
          const dataDir = join(await makeDirectory(), 'data')
          await chmod(dirname(dataDir), 0o755)
          const postgres = await startQuietly(dataDir)
          expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
          expect(await ownersIn(dataDir)).to.deep.equal([NOBODY, NOBODY, 0])
          await postgres.stop()
          expect(postgres.isAlive()).to.equal(false)
          await (await startQuietly(dataDir)).stop()
        })

        it('hands an existing cluster over, in both directions', async () => {
          const dataDir = await makeDataDir()
          await chmod(dirname(dataDir), 0o755)
          const first = await startQuietly(dataDir)
          await query(first.server, 'CREATE TABLE kept AS SELECT 42 AS answer')
          expect(await ownersIn(dataDir)).to.deep.equal([NOBODY, NOBODY, 0])
          await first.stop()

          process.env.PATH = path
          const { server } = await startQuietly(dataDir)
          expect(await query(server, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }])
          const owner = hasNamespaces ? 0 : NOBODY
          expect(await ownersIn(dataDir)).to.deep.equal([owner, owner, 0])
        })
      }

      it('says what to do when nobody cannot enter the directory', async () => {
        const dataDir = await makeDataDir()
        const error = await startError(dataDir)
        expect(error.code).to.equal('EMBEDDED_POSTGRES_ROOT')
        expect(error.message)
          .to.include(dataDir)
          .and.include('as an ordinary user')
          .and.include('CLICKCOUNTER_DATA_DIR')
          .and.include('CLICKCOUNTER_DATABASE_HOST')
      })
    })
  })
}

async function ownersIn(dataDir: string): Promise<number[]> {
  const names = ['postgres', 'postgres.log', 'postgres.url']
  return Promise.all(names.map(async name => (await stat(join(dataDir, name))).uid))
}
