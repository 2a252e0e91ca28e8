import { expect } from 'chai'
import fc from 'fast-check'
import { FinalThrough } from '../../lib/flush/final-through.ts'
import { LATEST_ADD_MS } from '../../lib/ring/generations.ts'

const START_MS = Date.parse('2026-11-28T10:00:00Z')

/** A clock that a test moves, and what this process has: its generations, and what of them is in Postgres. */
class World {
  wallMs = START_MS
  monotonicMs = 5000
  readonly finalThrough = new FinalThrough({
    wallMs: () => this.wallMs,
    monotonicMs: () => this.monotonicMs,
  })
  #current = 1
  #collected = 0
  #ledger = 0
  /** Instants by the wall clock at which clicks arrived, by generation, that are not in Postgres and may come into it. */
  readonly #waiting = new Map<number, number[]>()
  /** The same of those that are in Postgres. */
  readonly #stored = new Map<number, number[]>()
  #isFlipping = false
  #hasFlipped = false
  #claimedMs = Number.NEGATIVE_INFINITY
  #mayGoForward = true

  pass(ms: number): void {
    this.wallMs += ms
    this.monotonicMs += ms
  }

  /** `waitedMs`: it found no room before. */
  click(waitedMs: number): void {
    const arrivedMs = Math.max(START_MS, this.wallMs - waitedMs)
    expect(arrivedMs, 'a click turns up in a time that was said to be final').to.be.at.least(this.#claimedMs)
    const of = this.#waiting.get(this.#current) ?? []
    this.#waiting.set(this.#current, [...of, arrivedMs])
  }

  /** Steps of a collect, in which time may pass and clicks may come: each takes it further, or it fails and begins anew. */
  collect(isFailing: boolean): void {
    if (!this.#isFlipping || isFailing) {
      this.finalThrough.flipBegins()
      this.#isFlipping = true
    } else if (!this.#hasFlipped) {
      this.#current++
      this.#hasFlipped = true
    } else {
      this.finalThrough.flipEnded(++this.#collected)
      this.#isFlipping = false
      this.#hasFlipped = false
    }
  }

  store(): void {
    const [generation] = this.#collectedWaiting
    if (generation === undefined) return
    this.#stored.set(generation, this.#waiting.get(generation)!)
    this.#waiting.delete(generation)
    this.#ledger = Math.max(this.#ledger, generation)
  }

  /** The database goes back by so many generations. Of what it loses, `isKept` waits again, and the rest is gone. */
  goBack(generations: number, isKept: boolean): void {
    const stored = [...this.#stored.keys()].sort((a, b) => a - b)
    const missing = stored.slice(Math.max(0, stored.length - generations))
    for (const generation of missing) {
      if (isKept) this.#waiting.set(generation, this.#stored.get(generation)!)
      this.#stored.delete(generation)
    }
    this.#ledger = Math.max(0, ...this.#stored.keys())
    // What was said before was true of the database that is gone.
    this.#claimedMs = Number.NEGATIVE_INFINITY
  }

  setClock(byMs: number): void {
    // Back and forth between two looks: nobody can see it.
    if (byMs > 0 && !this.#mayGoForward) return
    this.wallMs += byMs
    if (byMs > 0) return
    this.#mayGoForward = false
    // It shows again what it has shown before.
    this.#claimedMs = Number.NEGATIVE_INFINITY
  }

  look(): number {
    const isCollectedStored = this.#collectedWaiting.length === 0
    const claimedMs = this.finalThrough.through(() => ({
      ledgerGeneration: this.#ledger,
      isCollectedStored,
      isIdle: isCollectedStored && this.#waiting.size === 0,
    }))
    const oldestMs = Math.min(...[...this.#waiting.values()].flat())
    expect(claimedMs, 'a click that waits is said to be stored').to.be.at.most(oldestMs)
    this.#claimedMs = claimedMs
    this.#mayGoForward = true
    return claimedMs
  }

  get #collectedWaiting(): number[] {
    return [...this.#waiting.keys()].filter(generation => generation <= this.#collected).sort((a, b) => a - b)
  }
}

describe('through which instant all is stored', () => {
  const acts = fc.oneof(
    { weight: 6, arbitrary: fc.nat(2500).map(ms => (world: World) => world.pass(ms)) },
    { weight: 6, arbitrary: fc.nat(LATEST_ADD_MS).map(ms => (world: World) => world.click(ms)) },
    { weight: 8, arbitrary: fc.nat(5).map(nth => (world: World) => world.collect(nth === 0)) },
    { weight: 4, arbitrary: fc.constant((world: World) => world.store()) },
    { weight: 4, arbitrary: fc.constant((world: World) => void world.look()) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(4), fc.boolean()).map(
        ([generations, isKept]) =>
          (world: World) =>
            world.goBack(generations, isKept),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -60_000, max: 60_000 }).map(ms => (world: World) => world.setClock(ms)),
    },
  )

  it('is true whatever happens: clicks that wait for room, failing flips, a database that goes back, a clock that is set', () => {
    fc.assert(
      fc.property(fc.array(acts, { minLength: 10, maxLength: 120 }), run => {
        const world = new World()
        for (const act of run) act(world)
        world.look()
      }),
      { numRuns: 2000 },
    )
  })

  it('is a second ago while nothing waits, and that long before the flip of what is stored while something does', () => {
    const world = new World()
    world.pass(10_000)
    expect(world.look()).to.equal(START_MS + 9000)
    world.click(0)
    world.pass(500)
    for (let step = 0; step < 3; step++) world.collect(false)
    world.pass(3000)
    expect(world.look(), 'it waits').to.equal(START_MS + 9000)
    world.click(0)
    world.store()
    expect(world.look(), 'it is stored, and another one waits').to.equal(START_MS + 9500)
    for (let step = 0; step < 3; step++) world.collect(false)
    world.pass(2000)
    world.store()
    expect(world.look(), 'all is stored').to.equal(world.wallMs - 1000)
  })

  it('does not fall behind flips that found no click', () => {
    const world = new World()
    for (let flip = 0; flip < 5; flip++) {
      world.pass(1000)
      for (let step = 0; step < 3; step++) world.collect(false)
    }
    world.click(0)
    world.pass(700)
    expect(world.look(), 'a click is in the ring').to.equal(START_MS + 4000)
    for (let step = 0; step < 3; step++) world.collect(false)
    world.pass(700)
    expect(world.look(), 'it waits').to.equal(START_MS + 4000)
  })

  it('goes back with the database, and comes again with what is stored again', () => {
    const world = new World()
    for (let flip = 0; flip < 3; flip++) {
      world.click(0)
      world.pass(2000)
      for (let step = 0; step < 3; step++) world.collect(false)
      world.store()
    }
    world.click(0)
    expect(world.look()).to.equal(START_MS + 5000)
    world.goBack(2, true)
    expect(world.look()).to.equal(START_MS + 1000)
    world.store()
    expect(world.look()).to.equal(START_MS + 3000)
    world.store()
    expect(world.look()).to.equal(START_MS + 5000)
  })

  it('goes back with the clock, by as much, and not forward with it', () => {
    const world = new World()
    world.pass(60_000)
    world.look()
    world.click(0)
    world.setClock(30_000)
    expect(world.look(), 'put forward').to.equal(START_MS + 59_000)
    world.setClock(-70_000)
    expect(world.look(), 'put back').to.equal(START_MS + 60_000 - 40_000 - 1000)
    world.setClock(40_000)
    expect(world.look(), 'put forward again: clicks may have come meanwhile').to.equal(START_MS + 19_000)
  })
})
