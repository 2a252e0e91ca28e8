import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { monotonicMs } from '../../lib/base/monotonic.ts'
import { retryMs } from '../../lib/watch/watch.ts'
import { newKey, snapshotOf } from '../support/keys.ts'
import { until } from '../support/until.ts'
import { watch as watchPromise } from '../support/worker.ts'
import { useWatches } from './watches.ts'

describe('the watch over the keys', () => {
  const newWatch = useWatches()

  it('brings a change to new threads, to all threads, to the report and to the file, in this order', async () => {
    const { watch, world, start } = newWatch()
    await start()
    const { token } = (world.present = snapshotOf([newKey(['read'])]))
    world.events.length = 0
    await watch.refresh('change')
    expect(world.events).to.deep.equal([
      `publish ${token}, new threads get ${token}`,
      `published ${token}`,
      `report ${token}`,
      `file ${token}`,
    ])
    expect(watch.snapshot).to.equal(world.present)
  })

  it('goes on while the disk hangs, and saves what is in force once it does not', async () => {
    const { watch, world, start } = newWatch()
    const held = Promise.withResolvers<void>()
    world.saving = () => held.promise
    await start()
    world.present = snapshotOf([newKey(['read'])])
    await watch.refresh('change')
    expect(watch.snapshot).to.equal(world.present)
    const isSaved = () => world.events.includes(`file ${world.present.token}`)
    expect(isSaved(), 'two writings at once').to.equal(false)
    held.resolve()
    await watch.refresh('change')
    expect(isSaved()).to.equal(true)
  })

  it('publishes nothing when nothing has changed', async () => {
    const { watch, world, start } = newWatch()
    await start()
    world.events.length = 0
    for (let round = 0; round < 3; round++) await watch.refresh('change')
    expect(world.events.filter(event => event.startsWith('publish'))).to.deep.equal([])
  })

  it('looks by itself, and sees a token that was there before', async () => {
    const { world, start } = newWatch({ intervalMs: 1 })
    const first = world.present
    await start()
    for (const present of [snapshotOf([newKey(['read'])]), first]) {
      world.events.length = 0
      world.present = present
      await until(
        () =>
          world.events.includes(`file ${present.token}`) && world.events.includes(`report ${present.token}`),
      )
    }
  })

  it('reads again for who asks while it reads: what is under way may be from before a change', async () => {
    const { watch, world, start } = newWatch()
    await start()
    const held = Promise.withResolvers<void>()
    world.reading = () => held.promise
    const early = watch.refresh('change')
    await until(() => world.reads === 3)
    const changed = (world.present = snapshotOf([newKey(['read'])]))
    const late = [watch.refresh('change'), watch.refresh('change')]
    held.resolve()
    await early
    expect(watch.snapshot).not.to.equal(changed)
    await Promise.all(late)
    expect(watch.snapshot).to.equal(changed)
    expect(world.reads).to.equal(4)
  })

  it('says of what is known how old it is by the time of the question, not of the answer', async () => {
    const { watch, world, start } = newWatch()
    await start()
    world.reading = () => delay(50)
    const askedAtMs = monotonicMs()
    await watch.refresh('change')
    expect(world.confirmedAtMs.at(-1)).to.be.within(askedAtMs, askedAtMs + 40)
  })

  it('knows at once what an earlier process has left, and how old it is', async () => {
    const kept = snapshotOf([newKey(['read'])])
    for (const [keptAgeMs, ageMs] of [
      [60_000, 60_000],
      // Somebody has put the clock back meanwhile.
      [-60_000, 0],
    ] as const) {
      const { watch, world } = newWatch({ kept, keptAgeMs })
      expect(watch.snapshot).to.equal(null)
      await watch.load()
      expect(watch.snapshot).to.equal(kept)
      expect(monotonicMs() - world.confirmedAtMs[0]!).to.be.within(ageMs, ageMs + 1000)
    }
  })

  it('replaces what was left as soon as Postgres answers, also where it has the present token', async () => {
    for (const left of [{ database: 'another database' }, { token: 'the same' }]) {
      const { watch, world, start } = newWatch({ kept: { ...snapshotOf([newKey(['read'])]), ...left } })
      world.present = { ...world.present, token: 'the same' }
      await watch.load()
      await start()
      expect(watch.snapshot).to.equal(world.present)
    }
  })

  it('keeps what it knows while Postgres does not answer, and lets nobody wait for it', async () => {
    const { watch, world, start } = newWatch()
    await start()
    const { present } = world
    world.reading = () => Promise.reject(new Error('away'))
    await watch.refresh('change')
    expect(world.failures).to.equal(1)
    world.reading = () => new Promise(() => {})
    await watch.refresh('unknown')
    expect(watch.snapshot).to.equal(present)
  })

  it('brings a change that was made right after an outage without waiting for the next try', async () => {
    const { watch, world, start } = newWatch()
    await start()
    world.reading = () => Promise.reject(new Error('away'))
    for (let failures = 0; failures < 4; failures++) await watch.refresh('change')
    world.reading = () => Promise.resolve()
    world.present = snapshotOf([newKey(['read'])])
    await watch.refresh('change')
    expect(watch.snapshot).to.equal(world.present)
  })

  it('lets who asks wait for the next try while nothing is known, and does not hurry it', async () => {
    const { watch, world, start } = newWatch()
    world.reading = () => Promise.reject(new Error('no tables'))
    await start()
    expect(watch.snapshot).to.equal(null)
    const reads = world.reads
    world.reading = () => Promise.resolve()
    const asked = Array.from({ length: 100 }, () => watch.refresh('unknown'))
    await Promise.all(asked)
    expect(watch.snapshot).to.equal(world.present)
    expect(world.reads).to.equal(reads + 1)
  })

  it('tries again soon after the first failure, then less and less often, at least every 1.5 s', async () => {
    expect([1, 2, 3, 4, 5, 1000].map(retryMs)).to.deep.equal([250, 500, 1000, 1500, 1500, 1500])
    const { world, start } = newWatch()
    await start()
    const triedAtMs: number[] = []
    world.reading = async () => {
      triedAtMs.push(performance.now())
      throw new Error('away')
    }
    await start()
    await until(() => triedAtMs.length === 3)
    // The first two are the rounds of a start.
    expect(triedAtMs[2]! - triedAtMs[1]!).to.be.within(retryMs(2) - 5, retryMs(2) + 500)
  })

  it('asks Postgres no earlier than it is told to, and once more when the tables were tried', async () => {
    const { watch, world } = newWatch()
    const up = Promise.withResolvers<void>()
    const tables = Promise.withResolvers<void>()
    const started = watchPromise(
      watch.start({ publish: () => Promise.resolve(), after: up.promise, tablesTried: tables.promise }),
    )
    const asked = watchPromise(watch.refresh('unknown'))
    await delay(5)
    expect(world.reads).to.equal(0)
    up.resolve()
    await until(() => world.reads === 1)
    await delay(5)
    expect([started.isDone, asked.isDone]).to.deep.equal([false, false])
    tables.resolve()
    await started.done
    await asked.done
    expect(world.reads).to.be.within(2, 3)
  })

  it('writes days of use, and takes a failure of that for none to read', async () => {
    const { watch, world, start } = newWatch()
    await start()
    watch.noteUse({ keyId: 'a', day: '2026-11-27' })
    await watch.refresh('change')
    expect(world.uses).to.deep.equal([[['a', '2026-11-27']]])
    world.noteUse = () => Promise.reject(new Error('locked'))
    watch.noteUse({ keyId: 'b', day: '2026-11-27' })
    await watch.refresh('change')
    expect(world.failures).to.equal(0)
  })

  it('stops while the database hangs, and publishes nothing after that', async () => {
    const { watch, world, start } = newWatch()
    await start()
    const held = Promise.withResolvers<void>()
    world.reading = () => held.promise
    const refreshed = watch.refresh('change')
    await until(() => world.reads === 3)
    world.present = snapshotOf([newKey(['read'])])
    const stopped = watch.stop()
    expect(world.events.at(-1)).to.equal('closed')
    held.reject(new Error('the connection was closed'))
    await Promise.all([stopped, refreshed])
    expect(world.failures).to.equal(0)
    const { reads } = world
    await watch.refresh('change')
    expect(world.reads).to.equal(reads)
  })
})
