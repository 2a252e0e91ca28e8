import { BulkTooWideError, JournalError, RingFullError } from '../base/errors.ts'
import type { ThreadBooks } from '../books/thread-books.ts'
import type { MinutePairs, Segment } from '../journal/append/segment.ts'
import { HALF_COUNT } from '../memory/layout.ts'
import type { Generations } from '../ring/generations.ts'
import { ADDED_NEARLY_FULL, type AddResult, FULL, type Ring } from '../ring/ring.ts'
import { VALID } from '../rows/classes.ts'
import { Sums } from '../rows/sums.ts'
import type { Bulk } from './bulk.ts'

/** How long a click waits for room in the ring before it is refused. */
const ROOM_WAIT_MS = 500

export interface RecorderOptions {
  readonly threadIndex: number
  readonly ring: Ring
  readonly generations: Generations
  readonly books: ThreadBooks
  readonly journal: Pick<Segment, 'append'>
  /** Whether what waits for Postgres has used up its space. */
  readonly isBacklogFull: () => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Has the generation taken out of the ring; resolves when that is done, whatever Postgres does. */
  readonly askForRoom: (generation: number) => Promise<void>
}

/**
 * The clicks of one request thread, a tick at a time: all that arrive in one turn of the event loop enter
 * one generation, count into the same minute, and are acknowledged together at the end of the turn.
 */
export class Recorder {
  readonly #options: RecorderOptions
  /** Of the tick, but for its bulks. It has one minute, and more only with clicks that waited for room. */
  readonly #singles = new Sums()
  #tick: Tick | null = null
  #asked: { readonly generation: number; readonly answer: Promise<boolean> } | null = null

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /**
   * Counts clicks of a banner in the minute of now. Resolves when they may be acknowledged. Rejects with
   * RingFullError when there is no room for them in time, with JournalError when they cannot be kept safely;
   * then nothing of them is counted.
   */
  record(bannerId: number, clicks: number): Promise<void> {
    if (this.#options.isBacklogFull()) return this.#refuseForJournal(clicks)
    const tick = (this.#tick ??= this.#startTick())
    return this.#add(tick, tick.minute, bannerId, clicks)
      ? tick.end.promise
      : this.#recordWithRoom(tick, clicks, (later, minute) => this.#add(later, minute, bannerId, clicks))
  }

  /**
   * Counts all clicks of a bulk in the minute of now, or none of them. Resolves and rejects as `record`, and
   * with BulkTooWideError when no waiting would make enough room for it.
   */
  recordAll(bulk: Bulk): Promise<void> {
    const { ring, books, isBacklogFull } = this.#options
    if (isBacklogFull()) return this.#refuseForJournal(bulk.clicks)
    const banners = bulk.pairs.length / 2
    if (banners > ring.maxBanners) {
      // Not even tried: the slots it would claim on the way are of use to others.
      books.refuseFull(bulk.clicks)
      return Promise.reject(new BulkTooWideError(banners, ring.maxBanners))
    }
    const tick = (this.#tick ??= this.#startTick())
    return this.#addAll(tick, tick.minute, bulk)
      ? tick.end.promise
      : this.#recordWithRoom(tick, bulk.clicks, (later, minute) => this.#addAll(later, minute, bulk))
  }

  async #recordWithRoom(
    fullTick: Tick,
    clicks: number,
    add: (tick: Tick, minute: number) => boolean,
  ): Promise<void> {
    // The wait crosses the end of this tick: the thread leaves the generation that it waits to be flipped.
    if (await (fullTick.room ??= this.#waitForRoom(fullTick.generation))) {
      const tick = (this.#tick ??= this.#startTick())
      // In the minute of its arrival, whatever it is by now.
      if (add(tick, fullTick.minute)) return tick.end.promise
    }
    this.#options.books.refuseFull(clicks)
    throw new RingFullError()
  }

  #add(tick: Tick, minute: number, bannerId: number, clicks: number): boolean {
    const result = this.#options.ring.add(tick.generation % HALF_COUNT, minute, bannerId, clicks)
    if (!this.#hasAdded(tick, result, clicks)) return false
    this.#singles.add(minute, bannerId, VALID, clicks)
    return true
  }

  #addAll(tick: Tick, minute: number, { pairs, clicks }: Bulk): boolean {
    const result = this.#options.ring.addAll(tick.generation % HALF_COUNT, minute, pairs)
    if (!this.#hasAdded(tick, result, clicks)) return false
    tick.bulks.push({ minute, clickClass: VALID, pairs })
    return true
  }

  #hasAdded(tick: Tick, result: AddResult, clicks: number): boolean {
    if (result === FULL) return false
    if (result === ADDED_NEARLY_FULL) void this.#askForRoom(tick.generation)
    tick.clicks += clicks
    return true
  }

  #startTick(): Tick {
    const { generations, threadIndex, now } = this.#options
    const generation = generations.enter(threadIndex)
    setImmediate(this.#endTick)
    // A clock that was never set stands at minute 0, which the ring has no place for.
    const minute = Math.max(1, Math.floor(now() / 60_000))
    return {
      generation,
      minute,
      clicks: 0,
      bulks: [],
      end: Promise.withResolvers(),
      room: null,
    }
  }

  readonly #endTick = () => {
    const { generations, books, threadIndex } = this.#options
    const tick = this.#tick!
    // First, so that a click of the next turn cannot slip into a generation this thread has left.
    this.#tick = null
    // Journaled while still inside: once the generation is quiet, its files are complete, and what has to be
    // taken back from the ring is taken back before anyone reads it.
    const error = tick.clicks > 0 ? this.#writeJournal(tick) : null
    this.#singles.clear()
    // Booked while still inside, too: whoever finds the generation quiet finds its clicks in the books.
    if (error === null && tick.clicks > 0) books.accept(tick.generation % HALF_COUNT, tick.clicks)
    generations.leave(threadIndex, tick.generation)
    // Acknowledged last: from here on the clicks survive this process.
    if (error === null) tick.end.resolve()
    else tick.end.reject(error)
  }

  /** null: written. Otherwise the tick's clicks are out of the ring again, and refused. */
  #writeJournal(tick: Tick): Error | null {
    const { journal, ring, books } = this.#options
    try {
      journal.append(tick.generation, this.#singles, tick.bulks)
      return null
    } catch (error) {
      const half = tick.generation % HALF_COUNT
      const { rowCount, bannerIds, minutes, clicks } = this.#singles
      for (let row = 0; row < rowCount; row++)
        ring.takeBack(half, minutes[row]!, bannerIds[row]!, clicks[VALID][row]!)
      for (const { minute, pairs } of tick.bulks) ring.takeBackAll(half, minute, pairs)
      books.failJournal(tick.clicks)
      return error as Error
    }
  }

  #refuseForJournal(clicks: number): Promise<never> {
    this.#options.books.refuseJournal(clicks)
    return Promise.reject(new JournalError())
  }

  /** One question a generation, however many clicks want room. Whether the generation was taken out. */
  #askForRoom(generation: number): Promise<boolean> {
    if (this.#asked?.generation !== generation) {
      const answer = this.#options.askForRoom(generation).then(
        () => true,
        () => false,
      )
      this.#asked = { generation, answer }
    }
    return this.#asked.answer
  }

  /** Whether the generation is taken out within the time that a click waits, which begins anew each tick. */
  #waitForRoom(generation: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ROOM_WAIT_MS, false)
      void this.#askForRoom(generation).then(isTakenOut => {
        clearTimeout(timer)
        resolve(isTakenOut)
      })
    })
  }
}

interface Tick {
  readonly generation: number
  readonly minute: number
  clicks: number
  readonly bulks: MinutePairs[]
  readonly end: PromiseWithResolvers<void>
  /** Set when one of its clicks found no room: whether there is some now. */
  room: Promise<boolean> | null
}
