import type { Logger } from 'pino'
import { counted } from '../base/counted.ts'
import type { Conditions } from '../books/conditions.ts'
import type { WaitingJournal } from '../journal/keep/earlier.ts'
import type { KeptItem } from '../journal/keep/kept.ts'
import type { LedgerStand } from '../messages.ts'
import { grossOf } from '../rows/classes.ts'
import type { KeyedBulk } from '../rows/keyed-bulk.ts'
import { clicksOf } from '../rows/keyed-bulks.ts'

/** Keys that a sentence has room for. */
const MAX_KEYS = 3

/** Tells operators when the ledger does not stand where it should, or is not in the right database. */
export class LedgerReport {
  readonly #conditions: Conditions
  readonly #log: Logger
  #lostClicks = 0
  readonly #uncertainWriters = new Set<string>()
  readonly #outdatedWriters = new Set<string>()
  readonly #conflictKeys = new Set<string>()
  #expiredBulks = 0
  #asideBulkFiles = 0

  constructor(conditions: Conditions, log: Logger) {
    this.#conditions = conditions
    this.#log = log
  }

  /** The ledger stands lower than it did. `items` can be stored again. */
  wentBack({ writer, generation }: LedgerStand, expected: number, items: readonly KeptItem[]): void {
    const files = items.reduce((sum, { names }) => sum + names.length, 0)
    this.#log.warn(
      { writer, expected, generation, files },
      `the database went back: it has generation ${generation} of ${expected}; ${counted(files, 'file')} of the missing ones, which are kept, will be stored again`,
    )
  }

  /** Clicks of this process had been stored, and cannot be stored again. */
  lost(clicks: number): void {
    this.#lostClicks += clicks
    this.#tellLost()
  }

  /** The ledger stands so low for an earlier process that files of later generations may be gone. */
  mayBeLost({ writer, generation }: LedgerStand): void {
    this.#log.error(
      { writer, generation },
      'the database went back further than what is kept of an earlier process',
    )
    this.#uncertainWriters.add(writer)
    this.#tellLost()
  }

  /** A generation of this process was stored from a file that no longer holds all that was written to it. */
  damaged(generation: number, clicks: number): void {
    this.#log.error(
      { generation, clicks },
      'clicks that waited in the journal are lost: their file is damaged',
    )
    this.lost(clicks)
  }

  /** Keyed bulks of a generation are not in the journal any more. `damaged` names its files that hold damage. */
  bulksLost(generation: number, clicks: number, damaged: readonly string[]): void {
    this.#log.error(
      { generation, clicks, files: damaged },
      'clicks of keyed bulks are lost: the journal does not hold them any more',
    )
    this.lost(clicks)
  }

  /** Keyed bulks were put aside: Postgres knows their keys with other content. */
  conflicts(bulks: readonly KeyedBulk[]): void {
    this.#log.error(
      { keys: bulks.map(({ key }) => key), clicks: grossOf(clicksOf(bulks)) },
      'bulks are put aside and do not count: their keys had been used for other clicks',
    )
    for (const { key } of bulks) this.#conflictKeys.add(key)
    this.#tellAside()
  }

  /** Keyed bulks were put aside: they have waited so long that their keys may have been forgotten. */
  expired(bulks: readonly KeyedBulk[]): void {
    this.#log.error(
      { keys: bulks.map(({ key }) => key), clicks: grossOf(clicksOf(bulks)) },
      'bulks are put aside: they have waited for longer than their keys are known',
    )
    this.#expiredBulks += bulks.length
    this.#tellAside()
  }

  /** Files of keyed bulks that earlier processes have put aside. */
  asideBulks(files: number): void {
    this.#asideBulkFiles = files
    if (files > 0) this.#tellAside()
  }

  #tellAside(): void {
    const facts = [
      ...(this.#asideBulkFiles > 0 ? [`${counted(this.#asideBulkFiles, 'file')} of earlier processes`] : []),
      ...(this.#conflictKeys.size > 0 ? [conflictsText([...this.#conflictKeys])] : []),
      ...(this.#expiredBulks > 0
        ? [`${counted(this.#expiredBulks, 'bulk')} that waited for longer than IDEMPOTENCY_KEY_DAYS`]
        : []),
    ]
    this.#conditions.raise(
      'bulks_aside',
      `Bulks with a key are in journal/aside/bulks, and do not count: ${facts.join(', and ')}. npm run journal -- list shows them; adopt has them counted, and deleting their files drops them.`,
    )
  }

  #tellLost(): void {
    const facts = [
      ...(this.#lostClicks > 0 ? [`${counted(this.#lostClicks, 'click')} of this process`] : []),
      ...(this.#uncertainWriters.size > 0
        ? [`perhaps some of ${[...this.#uncertainWriters].join(', ')}`]
        : []),
    ]
    this.#conditions.raise(
      'clicks_lost',
      `Clicks are lost that were acknowledged: ${facts.join(', and ')}. The database went back further than what is kept, or a file was damaged, see the log; the database that was given up may still have them.`,
    )
  }

  /** Somebody else stores under the name of this process. */
  cloned(): void {
    this.#conditions.raise(
      'writer_cloned',
      'Another process writes under the name of this one, as clones of a running machine do. Stop one of them, start this one anew, and look with npm run journal -- list for clicks that were put aside.',
    )
  }

  /** Clicks of this process are put aside: their place in the ledger was taken. */
  putAside(generation: number, clicks: number): void {
    this.#log.error(
      { generation, clicks },
      'somebody else has stored under the name of this process: clicks are put aside',
    )
    this.cloned()
  }

  /** Files that earlier processes have put aside. */
  aside(files: number): void {
    if (files === 0) return
    this.#conditions.raise(
      'writer_cloned',
      `${counted(files, 'file')} of clicks in journal/aside: another process had written under the name of theirs. npm run journal -- adopt stores them.`,
    )
  }

  /** The connection leads to the wrong database. */
  elsewhere(own: string, present: string): void {
    this.#conditions.raise(
      'other_database',
      `The database that answers (${present}) is not the one that clicks were stored in so far (${own}): they wait for that one. If they are for this one, start the service anew, and see npm run journal -- adopt.`,
    )
  }

  /** The connection leads to the right one. */
  atHome(): void {
    this.#conditions.clear('other_database')
  }

  /** What earlier processes have left for other databases. */
  waiting(journals: readonly WaitingJournal[], present: string): void {
    if (journals.length === 0) return
    const list = journals.map(
      ({ writer, files, bytes, database }) =>
        `${bytes} bytes in ${counted(files, 'file')} of writer ${writer} for database ${database}`,
    )
    this.#conditions.raise(
      'journal_for_other_database',
      `Clicks of earlier processes wait for another database than this one (${present}): ${list.join(', ')}. Bring that one back, or give them to this one: npm run journal -- adopt.`,
    )
  }

  /** What an earlier process has left is too old. */
  outdated(writer: string): void {
    this.#outdatedWriters.add(writer)
    this.#conditions.raise(
      'journal_outdated',
      `Clicks of writer ${[...this.#outdatedWriters].join(', ')} are older than 90 days, and may have been stored: the ledger does not know it any more. If they were not: npm run journal -- adopt.`,
    )
  }
}

/** Clients choose keys, of visible characters. */
function conflictsText(keys: readonly string[]): string {
  const others = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : ''
  return `${counted(keys.length, 'key')} had been used for other clicks (${keys.slice(0, MAX_KEYS).join(', ')}${others})`
}
