import { setImmediate as endOfTurn } from 'node:timers/promises'
import { BulkTooUnknownError, BulkTooWideError, JournalError, RingFullError } from '../base/errors.ts'
import type { ThreadBooks } from '../books/thread-books.ts'
import type { JournalSync } from '../config/config.ts'
import type { Segment } from '../journal/append/segment.ts'
import { HALF_COUNT, KEYED_BULK_USE, MAX_KEYED_USE } from '../memory/layout.ts'
import { type Generations, LATEST_ADD_MS } from '../ring/generations.ts'
import { ADDED_NEARLY_FULL, type AddResult, FULL, type Ring } from '../ring/ring.ts'
import { CLICK_CLASSES, type ClickClass, grossOf } from '../rows/classes.ts'
import { type BulkIdentity, keyedBulkOf } from '../rows/keyed-bulk.ts'
import { Sums } from '../rows/sums.ts'
import type { Bulk } from './bulk.ts'
import { Room } from './room.ts'
import { newTick, type Tick, type WaitingClicks } from './tick.ts'

/**
 * A tick ends after so many requests, or with its turn of the event loop. A turn with thousands of connections
 * brings thousands of clicks, and at its end the first of them would have left the processor's cache.
 */
const SHORT_TICK_REQUESTS = 64

/** Requests of one tick, at most. Each tick of `fsync` waits for the disk, so there they are not limited. */
export function maxTickRequests(sync: JournalSync): number {
  return sync === 'fsync' ? Number.POSITIVE_INFINITY : SHORT_TICK_REQUESTS
}

interface RecorderOptions {
  readonly threadIndex: number
  readonly ring: Ring
  readonly generations: Generations
  readonly books: ThreadBooks
  readonly journal: Pick<Segment, 'append'>
  /** What keyed bulks take of MAX_KEYED_USE, as booked in the generation of a half. */
  readonly keyedUseOfHalf: (half: number) => number
  /** Whether the clicks that wait for Postgres have used up their space. */
  readonly isBacklogFull: () => boolean
  /** See maxTickRequests. */
  readonly maxTickRequests: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Asks for the generation to be taken out of the ring. Resolves when it is, whatever Postgres does. */
  readonly askForRoom: (generation: number) => Promise<void>
}

/**
 * Records the clicks of one request thread, a tick at a time. All clicks of a tick enter one generation,
 * count into the same minute, and are acknowledged together at its end.
 */
export class Recorder {
  readonly #options: RecorderOptions
  /** The tick's clicks without its bulks. They have the tick's minute, unless they waited for room. */
  readonly #singles = new Sums()
  #tick: Tick | null = null
  /** Of all clicks of this turn that the backlog has no space for. They belong to no tick. */
  #refusal: Promise<never> | null = null
  readonly #room: Room

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#room = new Room(options.askForRoom)
  }

  /**
   * Counts clicks of a banner in the present minute. Resolves when they may be acknowledged. Rejects with
   * RingFullError when there is no room for them in time, and with JournalError when they cannot be kept
   * safely. Then none of them is counted.
   */
  record(bannerId: number, clickClass: ClickClass, clicks: number): Promise<void> {
    if (this.#options.isBacklogFull()) return this.#refuseForJournal(clicks)
    const tick = (this.#tick ??= this.#startTick())
    return this.#add(tick, tick.minute, bannerId, clickClass, clicks)
      ? this.#endOf(tick)
      : this.#recordWithRoom(tick, {
          clicks,
          add: (later, minute) => this.#add(later, minute, bannerId, clickClass, clicks),
          haveUnknown: () => this.#options.ring.isUnknown(bannerId),
        })
  }

  /**
   * Counts all clicks of a bulk in the present minute, or none of them. Resolves and rejects as `record`
   * does, and rejects with BulkTooWideError or BulkTooUnknownError when waiting would not make enough room.
   */
  recordAll(bulk: Bulk): Promise<void> {
    if (this.#options.isBacklogFull()) return this.#refuseForJournal(bulk.clicks)
    const tooWide = this.#widthErrorOf(bulk)
    if (tooWide !== null) {
      // Refused without a try: other clicks need the slots that the try would claim.
      this.#options.books.refuseFull(bulk.clicks)
      return Promise.reject(tooWide)
    }
    const tick = (this.#tick ??= this.#startTick())
    return this.#addAll(tick, tick.minute, bulk)
      ? this.#endOf(tick)
      : this.#recordWithRoom(tick, {
          clicks: bulk.clicks,
          add: (later, minute) => this.#addAll(later, minute, bulk),
          haveUnknown: () => this.#options.ring.countUnknown(bulk.pairs) > 0,
        })
  }

  /**
   * The same for a bulk with a key. It takes no slots: the flush reads it from the journal, with its key. It needs room
   * among the keyed bulks of its generation, which are read at once.
   */
  recordKeyed(bulk: Bulk, identity: BulkIdentity): Promise<void> {
    if (this.#options.isBacklogFull()) return this.#refuseForJournal(bulk.clicks)
    const tick = (this.#tick ??= this.#startTick())
    return this.#addKeyed(tick, tick.minute, bulk, identity)
      ? this.#endOf(tick)
      : this.#recordWithRoom(tick, {
          clicks: bulk.clicks,
          add: (later, minute) => this.#addKeyed(later, minute, bulk, identity),
          haveUnknown: () => false,
        })
  }

  /** null: an empty half has room for all its banners. */
  #widthErrorOf({ pairs }: Bulk): BulkTooWideError | BulkTooUnknownError | null {
    const { ring } = this.#options
    const banners = pairs.length / 2
    if (banners > ring.maxBanners) return new BulkTooWideError(banners, ring.maxBanners)
    // Who is registered is asked only where it matters: it takes a while for a large bulk.
    const unknown = banners > ring.roomForUnknown ? ring.countUnknown(pairs) : 0
    return unknown > ring.roomForUnknown ? new BulkTooUnknownError(unknown, ring.roomForUnknown) : null
  }

  async #recordWithRoom(fullTick: Tick, waiting: WaitingClicks): Promise<void> {
    // The wait goes on past the end of this tick, so that the thread leaves the generation. Until it has
    // left, the generation does not become quiet, and no room is made.
    const isRoomMade = await (fullTick.room ??= this.#room.wait(fullTick.generation))
    // A thread that was held up may come back late: by then, somebody may have been told that all is stored that had
    // arrived before.
    if (isRoomMade && this.#options.now() - fullTick.startedAtMs <= LATEST_ADD_MS) {
      const tick = (this.#tick ??= this.#startTick())
      // In the minute of the click's arrival, which may be over by now.
      if (waiting.add(tick, fullTick.minute)) return this.#endOf(tick)
    }
    this.#refuseFull(waiting)
    throw (fullTick.refusal ??= new RingFullError())
  }

  #refuseFull({ clicks, haveUnknown }: WaitingClicks): void {
    const { ring, books } = this.#options
    books.refuseFull(clicks)
    if (ring.roomForUnknown < ring.maxBanners && haveUnknown()) books.refuseUnknown(clicks)
  }

  #add(tick: Tick, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): boolean {
    const half = tick.generation % HALF_COUNT
    const result = this.#options.ring.add(half, minute, bannerId, clickClass, clicks)
    if (!this.#hasAdded(tick, result, clickClass, clicks)) return false
    this.#singles.add(minute, bannerId, clickClass, clicks)
    return true
  }

  #addAll(tick: Tick, minute: number, { parts }: Bulk): boolean {
    const { ring } = this.#options
    const half = tick.generation % HALF_COUNT
    const results: AddResult[] = []
    for (const { clickClass, pairs } of parts) {
      const result = ring.addAll(half, minute, clickClass, pairs)
      if (result === FULL) {
        for (const added of parts.slice(0, results.length))
          ring.takeBackAll(half, minute, added.clickClass, added.pairs)
        return false
      }
      results.push(result)
    }
    // Now that all of it is in the ring: a part that is booked alone could not be taken back.
    parts.forEach(({ clickClass, pairs, clicks }, nth) => {
      this.#hasAdded(tick, results[nth]!, clickClass, clicks)
      tick.bulks.push({ minute, clickClass, pairs, isPart: nth < parts.length - 1 })
    })
    return true
  }

  #addKeyed(tick: Tick, minute: number, { parts }: Bulk, identity: BulkIdentity): boolean {
    const pairs = parts.reduce((sum, part) => sum + part.pairs.length / 2, 0)
    const ofTick = tick.keyedPairs + pairs + KEYED_BULK_USE * (tick.keyed.length + 1)
    const use = this.#options.keyedUseOfHalf(tick.generation % HALF_COUNT) + ofTick
    if (use > MAX_KEYED_USE) return false
    if (use > MAX_KEYED_USE / 2) void this.#room.ask(tick.generation)
    const keyed = keyedBulkOf({ ...identity, minute, parts })
    for (const of of CLICK_CLASSES) tick.clicks[of] += keyed.totals[of]
    tick.keyed.push(keyed)
    tick.keyedPairs += pairs
    return true
  }

  #hasAdded(tick: Tick, result: AddResult, clickClass: ClickClass, clicks: number): boolean {
    if (result === FULL) return false
    if (result === ADDED_NEARLY_FULL) void this.#room.ask(tick.generation)
    tick.clicks[clickClass] += clicks
    return true
  }

  #startTick(): Tick {
    const { generations, threadIndex, now } = this.#options
    const generation = generations.enter(threadIndex)
    const startedAtMs = now()
    return newTick(generation, startedAtMs, setImmediate(this.#endTick))
  }

  /** To be called for each request whose clicks are added. Resolves or rejects with the tick. */
  #endOf(tick: Tick): Promise<void> {
    if (++tick.requests === this.#options.maxTickRequests) this.#endTick()
    return tick.end.promise
  }

  /**
   * Journal, books, leave, acknowledge: in this order each click counts exactly once.
   *
   * The journal comes before the leave: once a generation is quiet, its files are complete, and the clicks of
   * failed writes are out of the ring. The other way round, a flush could store clicks of a tick that is then
   * refused.
   *
   * The books come before the leave: once a generation is quiet, its clicks are in the books. The other way
   * round, main could take them for clicks of a thread that died before it booked, and they would be booked
   * again in a later generation.
   *
   * The acknowledgement comes last: an earlier one would be for clicks that a crash can still take.
   */
  readonly #endTick = () => {
    const { generations, books, threadIndex } = this.#options
    const tick = this.#tick!
    // First: left there, it would end the turn's next tick.
    clearImmediate(tick.turnEnd)
    // The next click starts a new tick: in this one, it would count in a generation that is already left.
    this.#tick = null
    const error = tick.requests > 0 ? this.#writeJournal(tick) : null
    // After the journal: a failed write still takes these clicks back out of the ring.
    this.#singles.clear()
    if (error === null && tick.requests > 0)
      books.accept(tick.generation % HALF_COUNT, tick.clicks, tick.keyedPairs, tick.keyed.length)
    generations.leave(threadIndex, tick.generation)
    if (error === null) tick.end.resolve()
    else tick.end.reject(error)
  }

  /** Returns null when the tick is written. Otherwise its clicks are out of the ring again, and refused. */
  #writeJournal(tick: Tick): Error | null {
    const { journal, books } = this.#options
    try {
      journal.append(tick.generation, this.#singles, tick.bulks, tick.keyed)
      return null
    } catch (error) {
      this.#takeBack(tick)
      books.failJournal(grossOf(tick.clicks))
      return error as Error
    }
  }

  /** Keyed bulks are in no slot. */
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
    return (this.#refusal ??= this.#refuseAtEndOfTurn())
  }

  /** One error for all clicks of a turn: to make one takes longer than to count a click. */
  async #refuseAtEndOfTurn(): Promise<never> {
    await endOfTurn()
    this.#refusal = null
    throw new JournalError()
  }
}
