import { monotonicMs } from '../base/monotonic.ts'
import type { RefreshCause } from '../base/refresh-cause.ts'

/** A change is in force after this time and the time of a few statements: within 2 s. */
const INTERVAL_MS = 750
const FIRST_RETRY_MS = 250
/** Less than 2 s: after an outage, too, a change is in force within that time. */
const LAST_RETRY_MS = 1500

/** What an earlier process has left. */
export interface Kept<Snapshot> {
  readonly snapshot: Snapshot
  /** When Postgres last confirmed it; milliseconds since the epoch. */
  readonly confirmedAtMs: number
}

export interface WatchOptions<Snapshot> {
  readonly source: {
    /**
     * What Postgres holds; null: `known`, which it has told before. `kept`: what a file has told, while Postgres has
     * told nothing yet.
     */
    read(known: Snapshot | null, kept: Snapshot | null): Promise<Snapshot | null>
    /** Whoever waits for an answer gets an error at once. */
    close(): void
  }
  readonly file: {
    read(): Promise<Kept<Snapshot> | null>
    /** Postgres has confirmed it. */
    confirmed(snapshot: Snapshot): Promise<void>
  }
  /** Tells operators. Times are of monotonicMs. */
  readonly report: {
    /** Another snapshot is in force, and was right at that time. */
    took(snapshot: Snapshot, confirmedAtMs: number): void
    /** What is in force was right at that time. */
    confirmed(atMs: number): void
    /** Postgres did not tell. */
    failed(error: unknown): void
    /** Logs what is in force, where that is not what the last line says. */
    tell(): void
  }
  /** Ends each round that Postgres has answered. Never rejects. */
  readonly afterRound?: () => Promise<void>
  readonly intervalMs?: number
}

interface Beginning<Snapshot> {
  /** Puts a snapshot in force in all request threads. Resolves when it is. */
  readonly publish: (snapshot: Snapshot) => Promise<void>
  /** Postgres is not asked before this has resolved. */
  readonly after?: Promise<void> | undefined
  /** Resolves when the tables are ready, or cannot be made ready now. */
  readonly tablesTried: Promise<void>
}

/**
 * Looks in Postgres for changes, round by round, and brings them to the request threads and into the file. What is
 * known stays in force while Postgres does not answer.
 */
export class Watch<Snapshot> {
  readonly #options: WatchOptions<Snapshot>
  /** Postgres was asked once the tables were tried. */
  readonly #isTried = Promise.withResolvers<void>()
  #snapshot: Snapshot | null = null
  /** false: Postgres has told nothing yet. */
  #isOfPostgres = false
  #publish: Beginning<Snapshot>['publish'] = () => Promise.resolve()
  #lastRound: Promise<void> = Promise.resolve()
  /** Resolved and made anew at the end of each round. */
  #roundEnd = Promise.withResolvers<void>()
  /** The one that waits for the last one to end. */
  #nextRound: Promise<void> | null = null
  /** null: nothing is being written into the file. */
  #saving: Promise<void> | null = null
  #failures = 0
  #isStopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: WatchOptions<Snapshot>) {
    this.#options = options
  }

  /** null: nothing is known yet. */
  get snapshot(): Snapshot | null {
    return this.#snapshot
  }

  /**
   * Takes what an earlier process has left. To be called before the first thread is made: without it, a thread would
   * know nothing until Postgres answers.
   */
  async load(): Promise<void> {
    const kept = await this.#options.file.read()
    if (kept === null) return
    this.#snapshot = kept.snapshot
    // By the wall clock: no other one goes on from one process to the next.
    const ageMs = Math.max(0, Date.now() - kept.confirmedAtMs)
    this.#options.report.took(kept.snapshot, monotonicMs() - ageMs)
    this.#options.report.tell()
  }

  /**
   * Begins to ask. Resolves when the tables were tried and Postgres was asked after that. To be called once there are
   * threads to publish to.
   */
  async start({ publish, after, tablesTried }: Beginning<Snapshot>): Promise<void> {
    this.#publish = publish
    await after
    void this.#round()
    // Once more after the tables: on a first start, they are not there earlier.
    await tablesTried
    await this.#round()
    this.#options.report.tell()
    this.#isTried.resolve()
  }

  /**
   * After a change: resolves when what Postgres holds now is in force in all threads, or when it does not answer. It
   * is asked at once, also after failures, because it has just answered whoever made the change. When nothing is
   * known: resolves with the next try. That one is not hurried, however many wait for it.
   */
  async refresh(cause: RefreshCause): Promise<void> {
    await this.#isTried.promise
    if (cause === 'change') await this.#round()
    else if (this.#snapshot === null) await this.#roundEnd.promise
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    // Before the wait: a round may hang in its connection.
    this.#options.source.close()
    await this.#lastRound
    await this.#saving
  }

  /** A round that begins after this call: one that is under way may have read before a change. */
  #round(): Promise<void> {
    this.#nextRound ??= this.#lastRound.then(() => {
      this.#nextRound = null
      this.#lastRound = this.#ask()
      return this.#lastRound
    })
    return this.#nextRound
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    const { source, report, afterRound } = this.#options
    // Before the question: what it is answered with may be as old.
    const askedAtMs = monotonicMs()
    try {
      const changed = this.#isOfPostgres
        ? await source.read(this.#snapshot, null)
        : await source.read(null, this.#snapshot)
      if (changed === null) report.confirmed(askedAtMs)
      else await this.#take(changed, askedAtMs)
      report.tell()
      this.#failures = 0
      this.#save()
      await afterRound?.()
    } catch (error) {
      this.#failures++
      if (!this.#isStopped) report.failed(error)
    }
    this.#roundEnd.resolve()
    this.#roundEnd = Promise.withResolvers()
    const pauseMs = this.#failures > 0 ? retryMs(this.#failures) : (this.#options.intervalMs ?? INTERVAL_MS)
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.#round(), pauseMs)
  }

  /**
   * 1. A thread that starts gets the new snapshot. Before the threads are sent it: a thread that starts in between
   *    would get the old one, and nobody would send it the new one.
   * 2. The threads. Before the file: a power cut in between leaves what was in force before.
   * 3. The report. Earlier, /health would tell what is not yet so in a thread.
   */
  async #take(snapshot: Snapshot, askedAtMs: number): Promise<void> {
    this.#snapshot = snapshot
    this.#isOfPostgres = true
    await this.#publish(snapshot)
    this.#options.report.took(snapshot, askedAtMs)
  }

  /** Beside the rounds: a disk that hangs must not hold up what is in force, such as the end of a revoked key. */
  #save(): void {
    this.#saving ??= this.#options.file.confirmed(this.#snapshot!).finally(() => (this.#saving = null))
  }
}

/**
 * The pause after so many failures in a row. The first one is short: poolers close connections, and the next one
 * works.
 */
export function retryMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
}
