import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { parseName } from '../../lib/journal/files/names.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { type TemporaryDirectory, temporaryDirectory } from './journal-support.ts'
import { ModelDisk } from './model-disk.ts'
import { type Life, startLife } from './model-life.ts'
import { ModelPostgres } from './model-postgres.ts'
import { PATTERNS_VERSION_1 } from './version-1.ts'

/** By patterns of names, 1.0.0 decides which files to read and remove, and which rows of the ledger to delete. */
describe('1.0.0 after this version', () => {
  let dataDir: TemporaryDirectory
  let disk: ModelDisk
  beforeEach(() => {
    dataDir = temporaryDirectory()
    disk = new ModelDisk()
    // The timers of a killed life would keep the test's process alive.
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  })
  afterEach(() => {
    mock.timers.reset()
    disk[Symbol.dispose]()
    dataDir[Symbol.dispose]()
  })

  it('finds nothing of its own: ticks, a batch, one half written, marks, and what is kept', async () => {
    const postgres = new ModelPostgres(() => {})
    const first = start(postgres)
    await click(first)
    await first.flush('stored')
    await click(first)
    first.closeFiles()
    disk.kill()
    disk.revive()
    // It never meets a database, so its mark names none.
    const second = start(postgres)
    postgres.hang()
    for (let generation = 0; generation < 2; generation++) {
      await click(second)
      await second.flush('collected')
    }
    await click(second)
    // The process dies while it writes the next batch.
    disk.killAfter(3, 0.5)
    await Promise.race([second.flush('collected'), disk.death])
    second.closeFiles()

    const journal = join(dataDir.path, 'journal')
    const names = readdirSync(journal)
    const kinds = names.map(name => (name.endsWith('.new') ? 'unfinished' : (parseName(name)?.kind ?? name)))
    expect([...new Set(kinds)].sort()).to.deep.equal([
      'batch',
      'damaged',
      'stored',
      'ticks',
      'unfinished',
      'writer',
    ])
    expect(readdirSync(join(journal, 'stored'))).to.have.length.above(0)
    for (const [what, pattern] of Object.entries(PATTERNS_VERSION_1))
      expect(
        names.filter(name => pattern.test(name)),
        what,
      ).to.deep.equal([])
  })

  function start(postgres: ModelPostgres): Life {
    const options = {
      dataDir: dataDir.path,
      disk,
      postgres,
      sync: 'write',
      isCompacting: true,
      maxBanners: 16,
    } as const
    return startLife({ ...options, now: Date.now })
  }

  async function click(life: Life): Promise<void> {
    const counted = life.record(0, 1, VALID, 1)
    await nextTurn()
    await counted
  }
})
