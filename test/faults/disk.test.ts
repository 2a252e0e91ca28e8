import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { expectBooksIn, health, untilAllStored, untilHealth } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'

const FAILING_DISK = fileURLToPath(new URL('./failing-disk.ts', import.meta.url))
const SMALL_DISK = fileURLToPath(new URL('./small-disk.ts', import.meta.url))
const DISK_BYTES = 64 * 1024
/** So many that no room is left, on a disk of either size. A tmpfs gives each file a whole page. */
const FILLING_FILES = DISK_BYTES / 4096
const isMountable = canMount()

describe('a disk that fails the journal', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let settings: Settings
  let journal: string
  beforeEach(async () => {
    database = await createTestDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-disk-'))
    journal = join(dataDir, 'journal')
    settings = {
      ...CLASSED,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      CLICK_FLUSHER_INTERVAL: '0.1',
      SERVER_THREADS: '2',
    }
  })
  afterEach(async () => {
    await database.drop()
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })

  for (const [sync, call] of [
    ['write', 'writeSync'],
    ['fsync', 'fdatasyncSync'],
  ] as const)
    it(`with an error of ${call}, most of the time, refuses exactly the clicks that are not safe`, async () => {
      const oracle = new Oracle()
      const service = await startServiceProcess(
        { ...settings, JOURNAL_SYNC: sync, TEST_FAILING_CALL: `${call}:5` },
        ['--import', FAILING_DISK],
      )
      const load = fireAt(oracle, service)
      await untilHealth(service, ({ clicks }) => clicks.refused.journal > 200 && clicks.accepted > 200)
      service.signal('SIGKILL')
      await service.exited
      await load.stop()
      await lastLife()
      expect(oracle.refused).to.be.greaterThan(100)
      judge(`EIO of ${call}, then kill -9`, 1, await oracle.verdict(database))
    })

  describe(`of ${DISK_BYTES} bytes${isMountable ? '' : ', which is pretended, since none can be mounted here'}`, () => {
    beforeEach(() => {
      mkdirSync(journal)
      if (isMountable) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', journal])
    })
    afterEach(() => {
      if (isMountable) execFileSync('umount', [journal])
    })

    const start = () =>
      isMountable
        ? startServiceProcess(settings)
        : startServiceProcess({ ...settings, TEST_DISK_BYTES: String(DISK_BYTES) }, ['--import', SMALL_DISK])

    it('and full refuses exactly the clicks that are not safe, and heals by itself', async () => {
      const oracle = new Oracle()
      const service = await start()
      const load = fireAt(oracle, service)
      for (let cycle = 0; cycle < 3; cycle++) {
        await fillAndFree(service)
        const { accepted } = (await health(service)).clicks
        await untilHealth(service, ({ clicks }) => clicks.accepted > accepted + 500)
      }
      await load.stop()
      await untilAllStored(service)
      await expectBooksIn(database, service)
      expect(await stopService(service), service.lines.join('\n')).to.equal(0)
      expect(oracle.refused).to.be.greaterThan(0)
      judge('disk full and freed', 3, await oracle.verdict(database))
    })

    it('and full of what is kept for a database that goes back refuses nothing', async () => {
      const service = await start()
      const clicks = 600
      // So few clicks that those that wait never fill the disk by themselves.
      for (let click = 0; click < clicks; click++) {
        expect((await fetch(`${service.url}/counter/1`)).status, `click ${click}`).to.equal(204)
        await setTimeout(4)
      }
      const { journal } = await health(service)
      service.signal('SIGTERM')
      expect(await service.exited, service.lines.join('\n')).to.equal(0)
      expect(await database.totalClicks()).to.equal(clicks)
      expect(journal.keptFiles).to.be.greaterThan(0)
    })

    it('and full when the process is killed loses nothing and counts nothing twice', async () => {
      const oracle = new Oracle()
      for (let cycle = 0; cycle < 3; cycle++) {
        const service = await start()
        const load = fireAt(oracle, service)
        await untilHealth(service, ({ clicks }) => clicks.accepted > 200)
        fill()
        await untilRefusing(service)
        service.signal('SIGKILL')
        await service.exited
        await load.stop()
        free()
      }
      await lastLife()
      judge('kill -9 with a full disk', 3, await oracle.verdict(database))
    })

    it('and full says 503 and when to come back', async () => {
      const service = await start()
      await fetch(`${service.url}/counter/1`)
      fill()
      const answers: Response[] = []
      do answers.push(await fetch(`${service.url}/counter/1`))
      while (answers.at(-1)!.status === 204)
      const { status, headers } = answers.at(-1)!
      expect({ status, retryAfter: Number(headers.get('retry-after')) > 0 }).to.deep.equal({
        status: 503,
        retryAfter: true,
      })
      expect(await stopService(service)).to.equal(0)
      expect(await database.totalClicks()).to.equal(answers.length)
    })
  })

  /** Fills all room that is left. */
  function fill(): void {
    for (const bytes of [4096, 1])
      for (let file = 0; file < FILLING_FILES; file++)
        if (!hasRoomFor(join(journal, `filling-${bytes}-${file}`), bytes)) break
  }

  function free(): void {
    for (const bytes of [4096, 1])
      for (let file = 0; file < FILLING_FILES; file++)
        rmSync(join(journal, `filling-${bytes}-${file}`), { force: true })
  }

  async function fillAndFree(service: ServiceProcess): Promise<void> {
    fill()
    await untilRefusing(service)
    free()
  }

  /** Resolves while the load goes on. */
  async function untilRefusing(service: ServiceProcess): Promise<void> {
    const { refused } = (await health(service)).clicks
    await untilHealth(service, ({ clicks }) => clicks.refused.journal > refused.journal + 100)
  }

  async function lastLife(): Promise<void> {
    const service = await startServiceProcess(settings)
    expect(await stopService(service), service.lines.join('\n')).to.equal(0)
  }
})

function hasRoomFor(path: string, bytes: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(bytes))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

/** Root can, but not root in an ordinary container. */
function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'clickcounter-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' })
    execFileSync('umount', [directory])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(directory)
  }
}
