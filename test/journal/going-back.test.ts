import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { parseName } from '../../lib/journal/files/names.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { type TemporaryDirectory, temporaryDirectory } from './journal-support.ts'
import { ModelDisk } from './model-disk.ts'
import { type Life, startLife } from './model-life.ts'
import { ModelPostgres } from './model-postgres.ts'
import { PATTERNS_VERSION_1 } from './version-1.ts'

/** What 1.0.0 finds at its start: by its patterns it decides what to read, what to remove, and which rows to delete. */
describe('1.0.0 after this version', () => {
  let dataDir: TemporaryDirectory
  let disk: ModelDisk
  beforeEach(() => {
    dataDir = temporaryDirectory()
    disk = new ModelDisk()
    // Timers of lives that are killed would go on for ever.
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
    // Never meets a database: its mark says so.
    const second = start(postgres)
    postgres.hang()
    for (let generation = 0; generation < 2; generation++) {
      await click(second)
      await second.flush('collected')
    }
    await click(second)
    // In the middle of the next batch.
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
    await turn()
    await counted
  }
})
