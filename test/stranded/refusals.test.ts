import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { expectTables } from '../../lib/stranded/expect-database.ts'
import { takeStranded } from '../../lib/stranded/place.ts'
import { WRITER } from '../journal/journal-support.ts'
import { createTestDatabase, withClient } from '../support/database.ts'
import { health } from '../support/health.ts'
import { startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { runJournal, StrandedPlace } from './stranded-support.ts'

const MINUTE = Math.floor(Date.now() / 60_000)

describe('npm run journal -- store', function () {
  this.timeout(60_000)
  const at = new StrandedPlace().useInEachTest()

  describe('refuses, and changes nothing,', () => {
    async function refused(path: string, settings: Settings, says: RegExp): Promise<void> {
      const before = await readdir(at.dataDir, { recursive: true })
      const { status, stdout, stderr } = await at.store(path, settings)
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
      expect(stderr).to.match(says)
      expect(
        (await readdir(at.dataDir, { recursive: true })).filter(name => name !== 'lock'),
      ).to.have.members(before.filter(name => name !== 'lock'))
    }

    it('a directory whose service runs', async () => {
      const service = await startServiceProcess({ DATABASE_URL: at.database.url, DATA_DIR: at.dataDir })
      // It writes into its mark which database it has met.
      await until(async () => (await readdir(at.journal)).some(name => name.split('.').length === 3))
      await refused(
        at.dataDir,
        {},
        /^journal: a clickcounter uses .*, and stores what waits there itself: stop it first\n$/,
      )
      expect((await health(service)).status).to.equal('ok')
      expect(await stopService(service)).to.equal(0)
    })

    it('a directory without a journal, or that is not there', async () => {
      await at.leave(WRITER, MINUTE, [1])
      await rename(at.journal, join(at.dataDir, 'other'))
      const says = /there is no journal in .*: name the data directory of an instance, or /
      await refused(at.dataDir, {}, says)
      for (const path of [join(at.dataDir, 'other'), join(at.dataDir, 'nowhere')])
        expect(() => takeStranded(path)).to.throw(says)
    })

    it('a database without tables, or of another version', async () => {
      const expectRefused = (server: DatabaseServer, says: RegExp) =>
        withClient(server, expectTables).then(
          () => expect.fail('was not refused'),
          (error: Error) => expect(error.message).to.match(says),
        )
      const change = (version: number) =>
        at.database.query('INSERT INTO click_migrations (version) VALUES ($1)', [version])
      await change(999)
      await expectRefused(
        at.database.server,
        /^the database has schema version 999, this program knows \d+: /,
      )
      await at.database.query('DELETE FROM click_migrations WHERE version > 9')
      await expectRefused(
        at.database.server,
        /^the database has schema version 9, this program stores into \d+: /,
      )
      await at.leave(WRITER, MINUTE, [1])
      const empty = await createTestDatabase({ isMigrated: false })
      await refused(
        at.dataDir,
        { DATABASE_URL: empty.url },
        /^journal: the database has no tables of this program/,
      ).finally(empty.drop)
    })

    it('its own directory with the embedded Postgres in it', async () => {
      await at.leave(WRITER, MINUTE, [1])
      await refused(
        at.dataDir,
        { DATABASE_URL: '', DATA_DIR: at.dataDir },
        /npm start stores what waits there\n$/,
      )
    })

    it('to guess a directory', async () => {
      await at.leave(WRITER, MINUTE, [1])
      const { status, stderr } = await runJournal(['store'], { DATABASE_URL: at.database.url })
      expect(status).to.equal(1)
      expect(stderr).to.match(/^journal: name the one DIR whose clicks are to be stored\n\nUsage: /)
    })
  })

  describe('looks whether the directory is a copy of a running one, and', () => {
    const seen = (ago: string) =>
      at.database.query(
        `INSERT INTO click_instances (writer, name, version, started_at, seen_at, state, pending, final_through)
         VALUES ($1, 'web-3', '1.0.0', now(), now() - $2::interval, 'serving', 7, now())`,
        [WRITER, ago],
      )
    beforeEach(() => at.leave(WRITER, MINUTE, [1]))

    it('refuses when its instance is seen again', async () => {
      await seen('0 s')
      const beat = setInterval(() => at.database.query('UPDATE click_instances SET seen_at = now()'), 1000)
      const { status, stdout, stderr } = await at.store(at.dataDir).finally(() => clearInterval(beat))
      expect({ status, stdout }).to.deep.equal({
        status: 1,
        stdout: 'web-3 was seen at work a moment ago: looking for 15 s whether it still is.\n',
      })
      expect(stderr).to.match(/^journal: web-3 is at work, and stores what is here itself: this is a copy /)
      expect(await at.database.totalClicks()).to.equal(0)
    })

    it('stores when it is lost, and has it stopped then', async () => {
      await seen('14 s')
      expect(await at.store(at.dataDir)).to.include({ status: 0 })
      expect(await at.database.totalClicks()).to.equal(1)
      expect(await at.database.query('SELECT state, pending::int FROM click_instances')).to.deep.equal([
        { state: 'stopped', pending: 0 },
      ])
    })
  })
})
