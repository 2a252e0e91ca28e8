import { expect } from 'chai'
import type { StoredSoFar } from '../../lib/flush/final-through.ts'
import { Standing } from '../../lib/flush/standing.ts'
import type { FilesUnit } from '../../lib/journal/files/item.ts'
import { CLICKS_IN_HALF } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'

const DATABASE = '0b5e3f6a-5d0c-4f0e-9d6c-1f6b0a5f2c11'

function newStanding() {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: 1 })
  const generations = new Generations(memory)
  const journal = { database: DATABASE as string | null, startedAtMs: () => 700 }
  const backlog = { hasOwn: false, earlierFiles: [] as FilesUnit[] }
  const storer = { storedGeneration: 3, asideClicks: 0, expected: new Map([['w', 3]]) }
  let found: StoredSoFar | null = null
  const standing = new Standing({
    ...{ memory, generations, journal, backlog, storer },
    collector: { collectedGeneration: 0 },
    finalThrough: {
      through(look) {
        found = look()
        return 5000
      },
    },
  })
  const look = () => {
    const stand = standing.look()
    return { stand, found: found! }
  }
  return { memory, generations, journal, backlog, storer, look }
}

describe('how far clicks are stored', () => {
  it('is all of it while nothing waits anywhere', () => {
    const { look } = newStanding()
    const { stand, found } = look()
    expect(found).to.deep.equal({ ledgerGeneration: 3, isCollectedStored: true, isIdle: true })
    expect(stand).to.deep.equal({
      database: DATABASE,
      expected: new Map([['w', 3]]),
      finalThroughMs: 5000,
      pending: 0,
      earlier: new Map(),
    })
  })

  it('is not known before a database was met', () => {
    const { journal, look } = newStanding()
    journal.database = null
    expect(look().stand).to.equal(null)
  })

  it('is not all while a thread counts, or clicks are in the ring', () => {
    const { memory, generations, look } = newStanding()
    const isIdle = () => look().found.isIdle
    const generation = generations.enter(1)
    expect(isIdle()).to.equal(false)
    generations.leave(1, generation)
    expect(isIdle()).to.equal(true)
    const [valid] = CLICKS_IN_HALF[generation % 2]!
    memory.f64[memory.threadNumberIndex(1, valid)] = 1
    expect(isIdle()).to.equal(false)
    expect(look()).to.deep.include({ found: { ledgerGeneration: 3, isCollectedStored: true, isIdle: false } })
    expect(look().stand!.pending).to.equal(1)
  })

  it('is not all after the death of a thread, until its generation was collected', () => {
    const { generations, look } = newStanding()
    generations.enter(0)
    generations.release(0)
    expect(look().found.isIdle).to.equal(false)
  })

  it('is not all while something of this process waits, or was put aside', () => {
    const { backlog, storer, look } = newStanding()
    const waiting = { ledgerGeneration: 3, isCollectedStored: false, isIdle: false }
    backlog.hasOwn = true
    expect(look().found).to.deep.equal(waiting)
    backlog.hasOwn = false
    storer.asideClicks = 1
    expect(look().found).to.deep.equal(waiting)
  })

  it('names earlier writers whose clicks wait, and since when they may be from: adopted ones from ever', () => {
    const { backlog, look } = newStanding()
    const unit = (writer: string, isAdopted: boolean): FilesUnit => ({
      kind: 'files',
      writer,
      generation: 1,
      names: [],
      isOwn: false,
      isAdopted,
      totals: NO_CLICKS,
    })
    backlog.earlierFiles = [unit('a', false), unit('b', true)]
    expect(look().stand!.earlier).to.deep.equal(
      new Map([
        ['a', 700],
        ['b', 0],
      ]),
    )
  })
})
