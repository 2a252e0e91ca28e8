import { BulkTooWideError, JournalError, RingFullError } from '../base/errors.ts'
import type { ThreadBooks } from '../books/thread-books.ts'
import type { MinutePairs, Segment } from '../journal/append/segment.ts'
import { HALF_COUNT } from '../memory/layout.ts'
import type { Generations } from '../ring/generations.ts'
import { ADDED_NEARLY_FULL, type AddResult, FULL, type Ring } from '../ring/ring.ts'
import { CLICK_CLASSES, type ClickClass } from '../rows/classes.ts'
import { Sums } from '../rows/sums.ts'
import type { Bulk } from './bulk.ts'

/** How long a click waits for room in the ring before it is refused. */
const ROOM_WAIT_MS = 500

interface RecorderOptions {
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
 * Records the clicks of one request thread, a tick at a time. All clicks of a tick enter one generation, count into the
 * same minute, and are acknowledged together at its end.
 */
export class Recorder {
  readonly #options: RecorderOptions
  /** The tick's clicks without its bulks. They have one minute; more only with clicks that waited for room. */
  readonly #singles = new Sums()
  #tick: Tick | null = null
  #asked: { readonly generation: number; readonly answer: Promise<boolean> } | null = null

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /**
   * Counts clicks of a banner in the minute of now. Resolves when they may be acknowledged. Rejects with
   * RingFullError when there is no room for them in time, with JournalError when they cannot be kept safely.
   * Then nothing of them is counted.
   */
  record(bannerId: number, clickClass: ClickClass, clicks: number): Promise<void> {
    if (this.#options.isBacklogFull()) return this.#refuseForJournal(clicks)
    const tick = (this.#tick ??= this.#startTick())
    return this.#add(tick, tick.minute, bannerId, clickClass, clicks)
      ? tick.end.promise
      : this.#recordWithRoom(tick, clicks, (later, minute) =>
          this.#add(later, minute, bannerId, clickClass, clicks),
        )
  }

  /**
   * Counts all clicks of a bulk in the minute of now, or none of them. Resolves and rejects as `record`, and
   * with BulkTooWideError when no waiting would make enough room for it.
   */
  recordAll(clickClass: ClickClass, bulk: Bulk): Promise<void> {
    const { ring, books, isBacklogFull } = this.#options
    if (isBacklogFull()) return this.#refuseForJournal(bulk.clicks)
    const banners = bulk.pairs.length / 2
    if (banners > ring.maxBanners) {
      // Not even tried: others need the slots that it would claim on the way.
      books.refuseFull(bulk.clicks)
      return Promise.reject(new BulkTooWideError(banners, ring.maxBanners))
    }
    const tick = (this.#tick ??= this.#startTick())
    return this.#addAll(tick, tick.minute, clickClass, bulk)
      ? tick.end.promise
      : this.#recordWithRoom(tick, bulk.clicks, (later, minute) =>
          this.#addAll(later, minute, clickClass, bulk),
        )
  }

  async #recordWithRoom(
    fullTick: Tick,
    clicks: number,
    add: (tick: Tick, minute: number) => boolean,
  ): Promise<void> {
    // The wait goes on past the end of this tick, so that the thread leaves the generation. Only then can that be flipped.
    if (await (fullTick.room ??= this.#waitForRoom(fullTick.generation))) {
      const tick = (this.#tick ??= this.#startTick())
      // In the minute of its arrival, whatever it is by now.
      if (add(tick, fullTick.minute)) return tick.end.promise
    }
    this.#options.books.refuseFull(clicks)
    throw new RingFullError()
  }

  #add(tick: Tick, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): boolean {
    const half = tick.generation % HALF_COUNT
    const result = this.#options.ring.add(half, minute, bannerId, clickClass, clicks)
    if (!this.#hasAdded(tick, result, clicks)) return false
    this.#singles.add(minute, bannerId, clickClass, clicks)
    return true
  }

  #addAll(tick: Tick, minute: number, clickClass: ClickClass, { pairs, clicks }: Bulk): boolean {
    const result = this.#options.ring.addAll(tick.generation % HALF_COUNT, minute, clickClass, pairs)
    if (!this.#hasAdded(tick, result, clicks)) return false
    tick.bulks.push({ minute, clickClass, pairs })
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
    // A clock that was never set stands at minute 0, which marks an unused part of the ring.
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

  /**
   * Journal, books, leave, acknowledge: the order of these steps makes a click exactly counted.
   *
   * Journal before leave: once a generation is quiet, its files are complete, and what has to be taken back out of the
   * ring is out. After leave, a flush could store clicks of a tick that is then refused.
   * Books before leave: who finds a generation quiet finds its clicks in the books. After leave, they could be
   * collected as clicks of a thread that died before it booked, and then be booked once more in a later generation.
   * Acknowledge last: an earlier answer would be for clicks that a crash can still take.
   */
  readonly #endTick = () => {
    const { generations, books, threadIndex } = this.#options
    const tick = this.#tick!
    // First of all, so that a click of the next tick cannot get into a generation that this thread has left.
    this.#tick = null
    const error = tick.clicks > 0 ? this.#writeJournal(tick) : null
    this.#singles.clear()
    if (error === null && tick.clicks > 0) books.accept(tick.generation % HALF_COUNT, tick.clicks)
    generations.leave(threadIndex, tick.generation)
    if (error === null) tick.end.resolve()
    else tick.end.reject(error)
  }

  /** null: written. Otherwise the tick's clicks are out of the ring again, and refused. */
  #writeJournal(tick: Tick): Error | null {
    const { journal, books } = this.#options
    try {
      journal.append(tick.generation, this.#singles, tick.bulks)
      return null
    } catch (error) {
      this.#takeBack(tick)
      books.failJournal(tick.clicks)
      return error as Error
    }
  }

  #takeBack({ generation, bulks }: Tick): void {
    const { ring } = this.#options
    const half = generation % HALF_COUNT
    const { rowCount, bannerIds, minutes, clicks } = this.#singles
    for (const clickClass of CLICK_CLASSES)
      for (let row = 0; row < rowCount; row++)
        ring.takeBack(half, minutes[row]!, bannerIds[row]!, clickClass, clicks[clickClass][row]!)
    for (const { minute, clickClass, pairs } of bulks) ring.takeBackAll(half, minute, clickClass, pairs)
  }

  #refuseForJournal(clicks: number): Promise<never> {
    this.#options.books.refuseJournal(clicks)
    return Promise.reject(new JournalError())
  }

  /** One ask a generation, however many clicks want room. Whether the generation was taken out. */
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

  /** Whether the generation is taken out within the time that a click waits. That time begins anew each tick. */
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
  /** Gross, its bulks included. */
  clicks: number
  readonly bulks: MinutePairs[]
  readonly end: PromiseWithResolvers<void>
  /** Set when one of its clicks found no room: whether there is some now. */
  room: Promise<boolean> | null
}
