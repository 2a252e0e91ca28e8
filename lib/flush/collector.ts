import type { ServiceBooks } from '../books/service-books.ts'
import type { FlushWorkerTasks } from '../messages.ts'
import type { Batch } from '../rows/batch.ts'
import { grossOf } from '../rows/classes.ts'
import type { Backlog } from './backlog.ts'
import type { FinalThrough } from './final-through.ts'
import type { LedgerReport } from './ledger-report.ts'
import type { FlushReport } from './report.ts'

interface CollectorOptions {
  readonly books: Pick<ServiceBooks, 'collected'>
  readonly report: Pick<FlushReport, 'ringLost' | 'ringTaken'>
  readonly ledgerReport: Pick<LedgerReport, 'bulksLost'>
  readonly worker: Pick<FlushWorkerTasks, 'collect'>
  /** Is told of each flip. */
  readonly finalThrough: Pick<FinalThrough, 'flipBegins' | 'flipEnded'>
}

/**
 * Has the flush worker take generations out of the ring, one after the other, and keeps them in the backlog.
 */
export class Collector {
  readonly #backlog: Backlog
  readonly #options: CollectorOptions
  #collectedGeneration = 0

  constructor(backlog: Backlog, options: CollectorOptions) {
    this.#backlog = backlog
    this.#options = options
  }

  /** All generations up to this one have left the ring. */
  get collectedGeneration(): number {
    return this.#collectedGeneration
  }

  /**
   * Collects the next generation. Resolves with the batch that holds it, alone or with earlier ones; null: it
   * had no clicks. Rejects when that failed: the ring still has the clicks.
   */
  async collect(): Promise<Batch | null> {
    const { worker, books, report, ledgerReport, finalThrough } = this.#options
    // Before the worker is asked: it flips, and a click may be acknowledged in the next generation at once.
    finalThrough.flipBegins()
    const { batch: collected, journalFault, bulksLostIn } = await worker.collect(this.#collectedGeneration)
    // Before the books: it takes memory and may fail. If the books were moved first, the ring would count as
    // empty, and its clicks would be in neither the ring nor the backlog.
    const batch = grossOf(collected.totals) > 0 ? this.#backlog.add(collected) : null
    const lostClicks = grossOf(books.collected(collected.generation, collected.totals, bulksLostIn !== null))
    if (bulksLostIn !== null) ledgerReport.bulksLost(collected.generation, lostClicks, bulksLostIn)
    else if (lostClicks > 0) report.ringLost(collected.generation, lostClicks)
    if (journalFault !== null) report.ringTaken(collected.generation, journalFault)
    // Last: the next collect is given this number, and clears the half. If a step above
    // fails, the half is read again.
    this.#collectedGeneration = collected.generation
    finalThrough.flipEnded(collected.generation)
    return batch
  }
}
