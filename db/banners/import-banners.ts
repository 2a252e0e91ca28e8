import type pg from 'pg'
import { beginReading, commit } from '../connection/transaction.ts'
import { changeBanners, type Revision } from './change-banners.ts'
import type { Spool } from './import/spool.ts'
import {
  type Difference,
  differenceOf,
  readBanners,
  type WantedBanner,
  writeBanners,
} from './write-banners.ts'

/** Differences that a summary shows. */
const SAMPLE = 20

/** What an import does, or would do. */
export interface ImportSummary {
  /** Banners that were not registered. */
  readonly created: number
  readonly changed: number
  /** They stay as they are, with their version. */
  readonly unchanged: number
  /** The first of those that are created or changed. */
  readonly sample: readonly Difference[]
}

export interface Import {
  /** The name of the key that imports, or `shell`. */
  readonly by: string
  /** Nothing is changed, and no change waits for it. */
  readonly isPreview: boolean
  /** Breaks it off: nothing is changed. */
  readonly signal?: AbortSignal
  /** Told how many banners were compared, and written, so far. */
  readonly onProgress?: (banners: number) => void
}

/**
 * Registers and replaces banners, all of them in one transaction: all or nothing. Banners that the spool does not name
 * stay. Throws as changeBanners does, and the signal's reason.
 */
export async function importBanners(
  client: pg.ClientBase,
  spool: Spool,
  { by, isPreview, signal, onProgress }: Import,
): Promise<ImportSummary> {
  const merge = async (revision: Revision | null) => {
    const tally = new Tally()
    for await (const batch of spool.batches()) {
      signal?.throwIfAborted()
      await mergeBatch(client, revision, batch, tally)
      onProgress?.(tally.count)
    }
    return tally.summary
  }
  if (!isPreview)
    return await changeBanners(client, by, async revision => {
      const result = await merge(revision)
      return { result, isChanged: result.created + result.changed > 0 }
    })
  await beginReading(client)
  const summary = await merge(null)
  await commit(client)
  return summary
}

/** Compares a batch with what is registered, and writes what differs; without a revision it compares only. */
async function mergeBatch(
  client: pg.ClientBase,
  revision: Revision | null,
  batch: readonly WantedBanner[],
  tally: Tally,
): Promise<void> {
  const present = await readBanners(
    client,
    batch.map(({ id }) => id),
  )
  const differing: WantedBanner[] = []
  const differences: Difference[] = []
  for (const banner of batch) {
    const difference = differenceOf(banner.id, present.get(banner.id) ?? null, banner)
    tally.add(difference)
    if (difference === null) continue
    differing.push(banner)
    differences.push(difference)
  }
  if (revision !== null && differing.length > 0) await writeBanners(client, revision, differing, differences)
}

class Tally {
  #created = 0
  #changed = 0
  #unchanged = 0
  readonly #sample: Difference[] = []

  get count(): number {
    return this.#created + this.#changed + this.#unchanged
  }

  get summary(): ImportSummary {
    return {
      created: this.#created,
      changed: this.#changed,
      unchanged: this.#unchanged,
      sample: this.#sample,
    }
  }

  add(difference: Difference | null): void {
    if (difference === null) this.#unchanged++
    else if (difference.before === null) this.#created++
    else this.#changed++
    if (difference !== null && this.#sample.length < SAMPLE) this.#sample.push(difference)
  }
}
