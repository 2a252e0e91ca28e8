import { spawnSync } from 'node:child_process'
import { chmod, chown, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { findBinaries } from '../../../db/embedded/binaries.ts'
import { clusterPaths, isClusterMissing } from '../../../db/embedded/cluster.ts'
import { query } from '../../support/database.ts'
import { runCommand } from '../commands/command-support.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  removeTemplate,
  startError,
  startQuietly,
} from './embedded-support.ts'

const NOBODY = 65534
const OTHER_USER = 12345

// Only root is special: Postgres refuses to run as root.
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

    it('is not taken from its user by a command, and says whose it is to a user who cannot enter it', async () => {
      const dataDir = await makeDataDir()
      const cluster = join(dataDir, 'postgres')
      await chown(cluster, OTHER_USER, OTHER_USER)
      const { status, stderr } = await runCommand('backup-command', { DATA_DIR: dataDir }, [
        join(dataDir, 'backup'),
      ])
      expect(status).to.equal(1)
      expect(stderr).to.match(
        /postgres belongs to user 12345: run this as that user, or while the service runs/,
      )
      expect((await stat(cluster)).uid).to.equal(OTHER_USER)

      await chown(cluster, 0, 0)
      await chmod(dirname(dataDir), 0o755)
      process.seteuid!(OTHER_USER)
      const error = await isClusterMissing(clusterPaths(dataDir))
        .catch(error => error)
        .finally(() => process.seteuid!(0))
      expect(error).to.include({ code: 'EMBEDDED_POSTGRES_OWNER' })
    })

    describe('without user namespaces', () => {
      let path: string | undefined

      beforeEach(async () => {
        path = process.env.PATH
        // There is no `unshare` in this PATH.
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
