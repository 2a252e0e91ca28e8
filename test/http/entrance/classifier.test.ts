import { expect } from 'chai'
import { RingFullError } from '../../../lib/base/errors.ts'
import { DuplicateTable } from '../../../lib/clients/duplicate-table.ts'
import { Classifier } from '../../../lib/http/entrance/classifier.ts'
import { type Client, NO_CLIENT } from '../../../lib/http/entrance/clients.ts'
import { Entrance } from '../../../lib/http/entrance/entrance.ts'
import type { Facts } from '../../../lib/http/entrance/facts.ts'
import type { Ruling } from '../../../lib/http/entrance/ruling.ts'
import { SharedMemory } from '../../../lib/memory/shared-memory.ts'
import { BOT, DUPLICATE, VALID } from '../../../lib/rows/classes.ts'
import { BROWSER } from '../../support/clicks.ts'

const WINDOW_MS = 10_000
const NOW_MS = 1_734_000_000_000

const bot: Client = { ...NO_CLIENT, isBot: true }
const person: Client = { ...NO_CLIENT, key: { high: 7, low: 8 } }

function newClassifier() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16, duplicateWindowMs: WINDOW_MS })
  const duplicates = new DuplicateTable(memory, WINDOW_MS)
  duplicates.sweep(NOW_MS)
  const unnoted: number[] = []
  const books = { countUnnoted: () => void unnoted.push(1), ignoreInactive: () => {} }
  const classifier = new Classifier({ duplicates, books, now: () => NOW_MS })
  return { classifier, duplicates, books, unnoted }
}

describe('classes of clicks', () => {
  it('come in order: bots before duplicates, and bots are in no note', () => {
    const { classifier } = newClassifier()
    const botWithKey = { ...person, isBot: true }
    const clients = [bot, botWithKey, person, person, botWithKey, NO_CLIENT, NO_CLIENT]
    const classes = clients.map(client => classifier.classOf(1, client))
    expect(classes).to.deep.equal([BOT, BOT, VALID, DUPLICATE, BOT, VALID, VALID])
    expect(classifier.classOf(2, person)).to.equal(VALID)
  })

  /** The person's next class, as whoever is told of the outcome finds it. */
  async function classWhenTold(classifier: Classifier, outcome: Promise<void>): Promise<number> {
    return await outcome.then(
      () => classifier.classOf(1, person),
      () => classifier.classOf(1, person),
    )
  }

  for (const first of [bot, person])
    it(`are free again before a refusal is told, also when the first one is ${first === bot ? 'a bot’s' : 'noted'}`, async () => {
      const { classifier } = newClassifier()
      const tick = Promise.withResolvers<void>()
      classifier.classOf(2, first)
      classifier.settleWith(tick.promise)
      // As the lane waits: once for all clicks of a tick, from its first click on.
      const told = classWhenTold(classifier, tick.promise)
      expect(classifier.classOf(1, person)).to.equal(VALID)
      classifier.settleWith(tick.promise)
      expect(classifier.classOf(1, person)).to.equal(DUPLICATE)
      classifier.settleWith(tick.promise)
      tick.reject(new RingFullError())
      expect(await told).to.equal(VALID)
    })

  it('are free again before a refusal is told, also when another click waited for room between two of a tick', async () => {
    const { classifier } = newClassifier()
    const [tick, waiting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    classifier.classOf(2, person)
    classifier.settleWith(tick.promise)
    const told = classWhenTold(classifier, tick.promise)
    classifier.classOf(3, person)
    classifier.settleWith(waiting.promise)
    expect(classifier.classOf(1, person)).to.equal(VALID)
    classifier.settleWith(tick.promise)
    tick.reject(new RingFullError())
    expect(await told).to.equal(VALID)
  })

  it('are free again before a refusal is told, also those of a bulk in the same tick', async () => {
    const { classifier, ...parts } = newClassifier()
    const tick = Promise.withResolvers<void>()
    const recorder = { record: () => tick.promise, recordAll: () => tick.promise }
    const clients = { ofEntry: () => person }
    const entrance = new Entrance({ ...parts, classifier, recorder, clients } as never)
    const counted = [{ id: 1, userAgent: BROWSER, ip: '192.0.2.1' }]
    const bulk = entrance.enterAll({ firstUnknown: null, counted, inactiveClicks: 0 }, null, null)
    const click = entrance.enter(1, { fate: 'counted' } as Ruling, { isPrefetch: false } as Facts, person)
    const told = classWhenTold(classifier, click!)
    tick.reject(new RingFullError())
    expect(await told).to.equal(VALID)
    await bulk.catch(error => expect(error).to.be.instanceOf(RingFullError))
  })

  it('stay noted when their clicks are counted', async () => {
    const { classifier } = newClassifier()
    const tick = Promise.withResolvers<void>()
    classifier.classOf(1, person)
    classifier.settleWith(tick.promise)
    const told = classWhenTold(classifier, tick.promise)
    tick.resolve()
    expect(await told).to.equal(DUPLICATE)
  })

  it('go by the outcome of their own click, when one of a tick waits for room', async () => {
    const { classifier } = newClassifier()
    const [tick, waiting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    for (const [bannerId, { promise }] of [
      [3, tick],
      [1, waiting],
      [4, tick],
    ] as const) {
      expect(classifier.classOf(bannerId, person)).to.equal(VALID)
      classifier.settleWith(promise)
    }
    const told = classWhenTold(classifier, waiting.promise)
    tick.resolve()
    waiting.reject(new RingFullError())
    expect(await told).to.equal(VALID)
    for (const bannerId of [3, 4]) expect(classifier.classOf(bannerId, person)).to.equal(DUPLICATE)
  })

  it('are valid without a place for a note, and that is counted', () => {
    const { classifier, duplicates, unnoted } = newClassifier()
    // As when main has not looked for long.
    duplicates.sweep(NOW_MS - 10 * WINDOW_MS)
    expect([1, 1].map(bannerId => classifier.classOf(bannerId, person))).to.deep.equal([VALID, VALID])
    expect(unnoted).to.have.lengthOf(2)
  })
})
