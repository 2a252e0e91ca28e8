import { mock } from 'node:test'
import { expect } from 'chai'
import { readSamples } from '../../lib/books/samples.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { startSampler } from '../../lib/service/sampler.ts'
import { validOnly } from '../support/balance.ts'
import { settledAs } from '../support/settled.ts'

const START_MS = Date.parse('2024-12-12T10:00:30.400Z')
const SECOND = Math.floor(START_MS / 1000)

describe("main's sampler", () => {
  let memory: SharedMemory
  let books: ServiceBooks
  let sampler: { stop(): void }
  let nowMs: number
  /** How much later it is after each look at the clock. */
  let lookMs: number
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      nowMs += 100
      mock.timers.tick(100)
    }
  }
  const stored = () => readSamples(memory).columns.stored
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    // The clock is set by itself: timers do not go by it.
    nowMs = START_MS
    lookMs = 0
    // Once a test: what is mocked twice does not get its own back.
    mock.method(Date, 'now', () => {
      const shown = Math.floor(nowMs)
      nowMs += lookMs
      return shown
    })
    memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
    books = new ServiceBooks(memory)
    books.set('startedAtMs', START_MS)
    const { config } = readConfig({ env: {}, cwd: '/', cores: 1 })
    sampler = startSampler({ memory, ring: new Ring(memory), config, instance: 'test:1', version: '1.0.0' })
  })
  afterEach(() => {
    mock.timers.reset()
    mock.restoreAll()
  })

  it('writes what /health reports at the beginning of each second, until it is stopped', () => {
    const thread = new ThreadBooks(memory, 0, Date.now)
    thread.load(0.25, 3)
    for (let second = 1; second <= 12; second++) {
      thread.answer(204, { kind: 'counting', ms: 1 })
      books.settled(settledAs(validOnly(5)))
      pass(1000)
    }
    const { toSecond, columns } = readSamples(memory)
    expect(toSecond).to.equal(SECOND + 12)
    expect(columns.stored).to.deep.equal(Array.from({ length: 12 }, (_, index) => 5 * (index + 1)))
    expect(columns.storedPerSecond).to.deep.equal([...Array(10).fill(null), 5, 5])
    expect(columns.meanPercent).to.deep.equal(Array(12).fill(25))
    expect(columns.databaseUp).to.deep.equal(Array(12).fill(null))
    expect(columns.p50Ms.at(-1)).to.be.closeTo(1, 0.1)
    sampler.stop()
    pass(10_000)
    expect(readSamples(memory).toSecond).to.equal(SECOND + 12)
  })

  it('leaves the seconds out in which main was too busy, and goes on at the next one', () => {
    pass(2600)
    expect(stored()).to.deep.equal([0, 0, 0])
    // Seconds 4, 5 and 6 pass before the timer comes that was due in second 4.
    nowMs += 3400
    pass(1000)
    expect(readSamples(memory).toSecond).to.equal(SECOND + 7)
    expect(stored()).to.deep.equal([0, 0, 0, null, null, null, 0])
    pass(1000)
    expect(stored()).to.deep.equal([0, 0, 0, null, null, null, 0, 0])
  })

  it('leaves no second out while a timer is early, and a second ends before its sample is made', () => {
    // Each look at the clock takes a millisecond, and timers come two early.
    lookMs = 1
    for (let ms = 0; ms < 60_000; ms++) {
      nowMs += 0.998
      mock.timers.tick(1)
    }
    expect(stored().length).to.be.within(59, 61)
    expect(stored()).not.to.include(null)
  })

  it('makes no rate of samples of the future when the clock was put back', () => {
    books.settled(settledAs(validOnly(1000)))
    pass(11_600)
    nowMs -= 60_000
    pass(1000)
    const { toSecond, columns } = readSamples(memory)
    expect(toSecond).to.be.below(SECOND)
    expect(columns.storedPerSecond.at(-1)).to.equal(null)
    expect(columns.stored.at(-1)).to.equal(1000)
  })
})
