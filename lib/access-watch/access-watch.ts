import type { AccessSnapshot } from '../access/snapshot.ts'
import type { RefreshCause } from '../access/thread-access.ts'
import { monotonicMs } from '../base/monotonic.ts'
import type { KeyUse } from '../messages.ts'
import type { AccessFile } from './access-file.ts'
import type { AccessReport } from './access-report.ts'
import type { AccessSource } from './access-source.ts'
import { KeyUses } from './key-uses.ts'

/** A change is in force after this time and the time of two statements: within 2 s. */
const INTERVAL_MS = 750
const FIRST_RETRY_MS = 250
/** Less than 2 s: after an outage, too, a change is in force within that time. */
const LAST_RETRY_MS = 1500

interface AccessWatchOptions {
  readonly source: Pick<AccessSource, 'read' | 'noteUse' | 'close'>
  readonly file: Pick<AccessFile, 'read' | 'confirmed'>
  readonly report: Pick<AccessReport, 'took' | 'confirmed' | 'failed' | 'tell'>
  readonly intervalMs?: number
}

interface Beginning {
  /** Puts a snapshot in force in all request threads. Resolves when it is. */
  readonly publish: (snapshot: AccessSnapshot) => Promise<void>
  /** Postgres is not asked before this has resolved. */
  readonly after?: Promise<void> | undefined
  /** Resolves when the tables are ready, or cannot be made ready now. */
  readonly tablesTried: Promise<void>
}

/**
 * Looks in Postgres for changes of keys and sessions, and brings them to the request threads and into the file. What
 * is known stays in force while Postgres does not answer. A round asks for the token, and reads everything when it is
 * another one.
 */
export class AccessWatch {
  readonly #options: AccessWatchOptions
  readonly #uses: KeyUses
  /** Postgres was asked once the tables were tried. */
  readonly #isTried = Promise.withResolvers<void>()
  #snapshot: AccessSnapshot | null = null
  /** false: Postgres has told nothing yet. */
  #isOfPostgres = false
  #publish: Beginning['publish'] = () => Promise.resolve()
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

  constructor(options: AccessWatchOptions) {
    this.#options = options
    this.#uses = new KeyUses(options.source, () => performance.now())
  }

  /** null: nothing is known yet. */
  get snapshot(): AccessSnapshot | null {
    return this.#snapshot
  }

  /**
   * Takes what an earlier process has left. To be called before the first thread is made: without it, a thread would
   * refuse keys until Postgres answers.
   */
  load(): void {
    const kept = this.#options.file.read()
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
  async start({ publish, after, tablesTried }: Beginning): Promise<void> {
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

  noteUse(use: KeyUse): void {
    this.#uses.add(use)
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
    const { source, report } = this.#options
    // Before the question: what it is answered with may be as old.
    const askedAtMs = monotonicMs()
    try {
      // All of it at first, whatever the file says: its token proves nothing of the rest of the file.
      const changed = await source.read(this.#isOfPostgres ? this.#snapshot : null)
      if (changed === null) report.confirmed(askedAtMs)
      else await this.#take(changed, askedAtMs)
      report.tell()
      this.#failures = 0
      this.#save()
      await this.#uses.write()
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
   * 3. The report. Earlier, /health would call the service closed while a thread still lets everybody in.
   */
  async #take(snapshot: AccessSnapshot, askedAtMs: number): Promise<void> {
    this.#snapshot = snapshot
    this.#isOfPostgres = true
    await this.#publish(snapshot)
    this.#options.report.took(snapshot, askedAtMs)
  }

  /** Beside the rounds: a disk that hangs must not hold up the end of a revoked key. */
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
