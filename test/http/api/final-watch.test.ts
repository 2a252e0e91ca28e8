import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { FinalRow } from '../../../db/fleet/final-through.ts'
import { HeldBackError } from '../../../lib/base/errors.ts'
import { FinalWatch } from '../../../lib/http/api/stats/final-watch.ts'

const at = (second: number) => new Date(second * 1000)
const row = (name: string, through: number): FinalRow => ({ name, through, isLagging: false })
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: Error) => error,
  )

describe('Who waits until clicks are final', () => {
  let instances: FinalRow[]
  let reads: number
  /** How many read at the same time, at most. */
  let readsAtOnce: number
  let watch: FinalWatch
  let signal: AbortController
  beforeEach(() => {
    instances = [row('a', 100), row('b', 50)]
    reads = readsAtOnce = 0
    signal = new AbortController()
    let reading = 0
    watch = new FinalWatch(async () => {
      reads++
      readsAtOnce = Math.max(readsAtOnce, ++reading)
      await delay(20)
      reading--
      return instances
    })
  })
  afterEach(() => signal.abort())

  it('goes on when the last instance is there, and not before', async () => {
    await watch.through(at(50), signal.signal)
    let isThrough = false
    const later = watch.through(at(51), signal.signal).then(() => {
      isThrough = true
    })
    instances = [row('a', 200), row('b', 50)]
    while (reads < 3) await delay(5)
    expect(isThrough).to.equal(false)
    instances = [row('a', 200), row('b', 51)]
    await later
  })

  it('shares one reader with all others, whatever they wait for', async () => {
    const waiting = Array.from({ length: 200 }, (_, nth) => watch.through(at(51 + nth), signal.signal))
    await delay(300)
    expect(reads).to.be.within(1, 2)
    instances = [row('a', 300), row('b', 300)]
    await Promise.all(waiting)
    expect(readsAtOnce).to.equal(1)
    expect(reads).to.be.within(2, 4)
  })

  it('is told who holds it back when it leaves, and then nobody reads', async () => {
    const waiting = failure(watch.through(at(120), signal.signal))
    while (reads < 2) await delay(5)
    signal.abort()
    const error = await waiting
    expect(error).to.be.instanceOf(HeldBackError)
    expect(error!.message).to.equal(
      'Not all clicks through 1970-01-01T00:02:00Z are in Postgres yet: they are through 1970-01-01T00:00:50Z, held back by ' +
        'b and a. Ask again later, or without "through".',
    )
    const readsThen = reads
    await delay(400)
    expect(reads).to.equal(readsThen)
  })

  it('waits for instances that have told nothing yet', async () => {
    instances = []
    const waiting = failure(watch.through(at(0), signal.signal))
    while (reads < 2) await delay(5)
    signal.abort()
    expect((await waiting)!.message).to.contain('no instance has told how far it is')
  })

  it('fails with the reader, and the next one reads again', async () => {
    let isAway = true
    const failing = new FinalWatch(async () => {
      if (isAway) throw new Error('away')
      return instances
    })
    const waiting = [51, 52].map(second => failure(failing.through(at(second), signal.signal)))
    for (const error of await Promise.all(waiting)) expect(error!.message).to.equal('away')
    isAway = false
    await failing.through(at(50), signal.signal)
  })
})
