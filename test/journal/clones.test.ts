import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { raisedConditions } from '../../lib/books/conditions.ts'
import { adopt } from '../../lib/journal/tools/adopt.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { readBalance } from '../support/balance.ts'
import { newSeed } from '../support/random.ts'
import { type TemporaryDirectory, temporaryDirectory, WRITER } from './journal-support.ts'
import { ModelDisk } from './model-disk.ts'
import { type Life, startLife } from './model-life.ts'
import { ModelPostgres } from './model-postgres.ts'

/** What happens next, and to which of the clones. */
type Step = readonly [clone: 0 | 1, what: 'click' | 'flush']

/**
 * Two processes with one writer's name, like clones of a running machine. Each has its own disk; they share a database.
 */
describe('two clones', () => {
  let disk: ModelDisk
  before(() => {
    disk = new ModelDisk()
  })
  after(() => disk[Symbol.dispose]())

  it('count everything once, when what they put aside is adopted, and who puts aside says so', async () => {
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.constantFrom(0, 1),
      fc.constantFrom('click', 'click', 'flush'),
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), live), {
      seed: newSeed(),
      numRuns: 40,
      endOnFailure: true,
    })
  })

  async function live(steps: readonly Step[]): Promise<void> {
    const postgres = new ModelPostgres(() => {})
    const directories = [temporaryDirectory(), temporaryDirectory()] as const
    try {
      const clones = directories.map(directory => start(directory, postgres, WRITER))
      let acknowledged = 0
      for (const [clone, what] of steps) {
        if (what === 'flush') await clones[clone]!.flush('stored')
        else {
          const answer = clones[clone]!.record(0, 1, VALID, 1 + clone)
          await nextTurn()
          await answer
          acknowledged += 1 + clone
        }
      }
      const left = await Promise.all(clones.map(end))
      const aside = left.reduce((sum, { clicks }) => sum + clicks, 0)
      expect(postgres.clicksOf(1) + aside, 'stored, and put aside').to.equal(acknowledged)
      for (const { memory } of clones) {
        const { accepted, stored, pending, lost } = readBalance(memory)
        expect({ pending: accepted - stored, lost }).to.deep.equal({ pending, lost: 0 })
        if (pending > 0) expect(raisedConditions(memory)[0]).to.include({ name: 'writer_cloned' })
      }
      for (const directory of directories) {
        adopt(directory.path, [])
        expect(await end(start(directory, postgres))).to.deep.equal({ clicks: 0, isAllStored: true })
      }
      expect(postgres.clicksOf(1)).to.equal(acknowledged)
    } finally {
      for (const directory of directories) directory[Symbol.dispose]()
    }
  }

  function start({ path }: TemporaryDirectory, postgres: ModelPostgres, writer?: string): Life {
    return startLife({
      dataDir: path,
      disk,
      postgres,
      sync: 'write',
      isCompacting: false,
      maxBanners: 16,
      now: Date.now,
      ...(writer && { writer }),
    })
  }

  async function end({ flusher, closeFiles }: Life) {
    const left = await flusher.drain(new AbortController().signal)
    closeFiles()
    return left
  }
})
