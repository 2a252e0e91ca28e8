import { type Batch, batchBytes } from '../../rows/batch.ts'
import { isDiskFull } from '../files/disk.ts'
import type { BacklogItem } from '../files/item.ts'
import type { JournalDirectory } from './directory.ts'
import type { KeptFiles } from './kept.ts'
import type { TryTo } from './try-to.ts'

/**
 * A batch that grows while it waits is written anew when its generations' ticks have come to so many bytes.
 */
const COMPACT_BYTES = 4 * 2 ** 20
/**
 * Also when they have come to so many files: each takes a block on disk, and a step of a
 * transaction at a recovery.
 */
const COMPACT_FILES = 64

/** Writes waiting batches in place of the ticks that they sum up. */
export class Compaction {
  readonly #directory: JournalDirectory
  readonly #kept: KeptFiles
  readonly #tryTo: TryTo

  constructor(directory: JournalDirectory, kept: KeptFiles, tryTo: TryTo) {
    this.#directory = directory
    this.#kept = kept
    this.#tryTo = tryTo
  }

  /** In place of a batch that takes in no more generations: a file, so that memory stays bounded. */
  spill(batch: Batch): BacklogItem {
    const name = this.#write(batch)
    if (name === null) return batch
    const { generation, totals } = batch
    const { writer } = this.#directory
    return { kind: 'files', writer, generation, names: [name], isOwn: true, isAdopted: false, totals }
  }

  /**
   * A waiting batch has grown. A file of it takes the place of its ticks' files when these have become much
   * larger, or many. So an outage costs bytes for each banner and minute, not for each click.
   */
  grown(batch: Batch): void {
    if (this.#tryTo('look through', () => this.#isWorthWriting(batch))) this.#write(batch)
  }

  #isWorthWriting(batch: Batch): boolean {
    const { files, bytes } = this.#directory.ticksWithin(batch)
    // In memory, a row takes four times what its clicks of one class take in a file. Keyed bulks take no less in a batch's
    // file than in those of their ticks: so it is written anew only when these have come to as much again.
    return files >= COMPACT_FILES || bytes > Math.max(COMPACT_BYTES, batchBytes(batch))
  }

  /** Returns the file's name. Kept files are removed before this fails for want of room. */
  #write(batch: Batch): string | null {
    return this.#tryTo('write', () => {
      try {
        return this.#directory.writeBatch(batch)
      } catch (error) {
        if (!isDiskFull(error) || this.#kept.files === 0) throw error
        this.#kept.evict(Number.POSITIVE_INFINITY)
        return this.#directory.writeBatch(batch)
      }
    })
  }
}
