import { expect } from 'chai'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { type ByClass, VALID } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { readingOf } from '../support/reading.ts'
import { type Row, rowsFrom, rowsOf } from '../support/rows.ts'

const MINUTE = 28_900_000

describe('collecting a generation', () => {
  it('gives what was added up to the flip, and leaves what comes after it to the next one', async () => {
    const worker = newWorker()
    worker.add(1, 5)
    expect(await worker.collect(0)).to.deep.equal([[1, MINUTE, 5]])
    worker.add(2, 6)
    expect(await worker.collect(1)).to.deep.equal([[2, MINUTE, 6]])
    expect(await worker.collect(2)).to.deep.equal([])
  })

  it('gives the same again to a caller whom the first answer did not reach', async () => {
    const worker = newWorker()
    worker.add(1, 5)
    const first = await worker.collect(0)
    worker.add(1, 6)
    expect(await worker.collect(0)).to.deep.equal(first)
    expect(await worker.collect(1)).to.deep.equal([[1, MINUTE, 6]])
  })

  it('is refused to a second flusher', async () => {
    const worker = newWorker()
    await worker.collect(0)
    await worker.collect(1)
    const error = await worker.collect(0).then(
      () => null,
      (error: Error) => error,
    )
    expect(error?.message).to.equal('two flushes at once: expected generation 1, found 3')
  })

  for (const step of ['clear', 'flip', 'quiet', 'rows'] as const)
    for (const moment of ['before', 'after'] as const)
      it(`loses and doubles nothing when the worker dies ${moment} the ${step}`, async () => {
        const worker = newWorker()
        const collected: Row[] = []
        for (let generation = 0; generation < 6; generation++) {
          worker.add(1, 10 ** generation)
          // Two times in three, so that either half is met in either state.
          if (generation % 3 !== 0) await worker.dieAt(step, moment, generation)
          worker.add(2, 10 ** generation)
          collected.push(...(await worker.collect(generation)))
        }
        collected.push(...(await worker.collect(6)))
        for (const bannerId of [1, 2]) {
          const clicks = collected.filter(row => row[0] === bannerId).reduce((sum, row) => sum + row[2], 0)
          expect(clicks, `banner ${bannerId}`).to.equal(111_111)
        }
      })
})

describe('collecting a generation that a thread died in', () => {
  it('takes what is journaled, whether the thread died before the flip or after it', async () => {
    for (const isAfterFlip of [false, true]) {
      const worker = newWorker(() => rowsFrom([[1, MINUTE, 5]]))
      worker.enter()
      worker.add(1, 5)
      worker.add(2, 3)
      const collected = isAfterFlip ? worker.collect(0) : null
      worker.die()
      expect(await (collected ?? worker.collect(0))).to.deep.equal([[1, MINUTE, 5]])
    }
  })

  it('takes it in all its classes, unless it holds less of one than was booked', async () => {
    const classes: [booked: ByClass<number>, isWhole: boolean][] = [
      [[0, 0, 0], true],
      [[2, 3, 5], true],
      [[2, 0, 0], true],
      [[3, 0, 0], false],
      [[0, 4, 0], false],
      [[0, 0, 6], false],
    ]
    for (const [booked, isWhole] of classes) {
      const worker = newWorker(() => rowsFrom([[1, MINUTE, 2, 3, 5]]))
      worker.enter()
      worker.add(1, 9)
      worker.book(booked)
      worker.die()
      expect(await worker.collect(0)).to.deep.equal([isWhole ? [1, MINUTE, 2, 3, 5] : [1, MINUTE, 9]])
    }
  })

  it('takes it again when the worker died over it', async () => {
    const worker = newWorker(() => rowsFrom([[1, MINUTE, 5]]))
    worker.enter()
    worker.add(2, 3)
    worker.die()
    await worker.dieAt('quiet', 'after', 0)
    expect(await worker.collect(0)).to.deep.equal([[1, MINUTE, 5]])
    expect(await worker.collect(0)).to.deep.equal([[1, MINUTE, 5]])
  })

  it('goes by the ring for the generations before and after it, and for one that a thread had left', async () => {
    const read: number[] = []
    const worker = newWorker(generation => {
      read.push(generation)
      return rowsFrom([])
    })
    for (let collected = 0; collected < 6; collected++) {
      worker.enter()
      worker.add(1, 5)
      if (collected === 2) worker.die()
      else worker.leave()
      // Dead, but in no generation.
      worker.die()
      expect(await worker.collect(collected)).to.deep.equal(collected === 2 ? [] : [[1, MINUTE, 5]])
    }
    expect(read).to.deep.equal([3])
  })

  it('takes the ring after all when the journal cannot be read, or holds less than was booked', async () => {
    for (const journaled of [null, rowsFrom([[1, MINUTE, 4]])]) {
      const worker = newWorker(() => journaled)
      worker.enter()
      worker.add(1, 5)
      worker.book([5, 0, 0])
      worker.add(2, 3)
      worker.die()
      expect(await worker.collect(0)).to.deep.equal([
        [1, MINUTE, 5],
        [2, MINUTE, 3],
      ])
    }
  })

  it('says when it took the ring after all, and why', async () => {
    for (const [journaled, journalFault] of [
      [null, 'unreadable'],
      [rowsFrom([[1, MINUTE, 4]]), 'short'],
      [rowsFrom([[1, MINUTE, 5]]), null],
    ] as const) {
      const worker = newWorker(() => journaled)
      worker.enter()
      worker.add(1, 5)
      worker.book([5, 0, 0])
      worker.die()
      for (const answer of ['first', 'second'])
        expect((await worker.collectResult(0)).journalFault, answer).to.equal(journalFault)
      worker.add(1, 5)
      expect((await worker.collectResult(1)).journalFault, 'nobody died').to.equal(null)
    }
  })

  it('is not misled by a thread that died over an old number which it had published too late', async () => {
    const worker = newWorker(() => rowsFrom([]))
    await worker.collect(0)
    await worker.collect(1)
    worker.enter()
    worker.add(1, 5)
    worker.die()
    // It had read generation 1 before both flips.
    worker.publish(1)
    worker.die()
    expect(await worker.collect(2)).to.deep.equal([])
  })
})

/** A flush worker and the thread whose clicks it collects. */
function newWorker(readRows: (generation: number) => Rows | null = () => null) {
  const readJournaled = (generation: number) => readingOf(readRows(generation))
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const books = new ThreadBooks(memory, 0, () => 0)
  return {
    add: (bannerId: number, clicks: number) =>
      ring.add(generations.current % HALF_COUNT, MINUTE, bannerId, VALID, clicks),
    enter: () => void generations.enter(0),
    leave: () => generations.leave(0, generations.current),
    /** The thread dies, and main sees it. */
    die: () => generations.release(0),
    publish: (generation: number) => Atomics.store(memory.i32, memory.presenceIndex(0), generation),
    book: (clicks: ByClass<number>) => books.accept(generations.current % HALF_COUNT, clicks),
    collectResult: (collectedGeneration: number) =>
      collect(memory, ring, generations, collectedGeneration, readJournaled),
    async collect(collectedGeneration: number) {
      return rowsOf((await this.collectResult(collectedGeneration)).batch)
    },
    async dieAt(step: Step, moment: 'before' | 'after', collectedGeneration: number) {
      const dying = { ring: new Ring(memory), generations: new Generations(memory) }
      killAt(step === 'clear' || step === 'rows' ? dying.ring : dying.generations, step, moment)
      const outcome = collect(memory, dying.ring, dying.generations, collectedGeneration, readJournaled)
      expect(await outcome.catch((error: Error) => error.message)).to.equal('died')
    },
  }
}

type Step = 'clear' | 'flip' | 'quiet' | 'rows'

/** Replaces a method by one that throws before or after it has done its work. */
function killAt(object: Ring | Generations, step: Step, moment: 'before' | 'after'): void {
  const method: (...operands: unknown[]) => unknown = Reflect.get(object, step)
  Object.assign(object, {
    [step]: (...operands: unknown[]) => {
      if (moment === 'after') method.apply(object, operands)
      throw new Error('died')
    },
  })
}
