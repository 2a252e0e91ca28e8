import type pg from 'pg'
import { readFiles, readWriter } from '../journal/files/batch-file.ts'
import type { FilesUnit } from '../journal/files/item.ts'
import { generationOf } from '../journal/files/names.ts'
import type { FlushWorkerData, StoredItem, StoreOutcome, StoreTask } from '../messages.ts'
import { grossOf, minus, NO_CLICKS, plus } from '../rows/classes.ts'
import { clicksOf } from '../rows/keyed-bulks.ts'
import { totalsOf } from '../rows/rows.ts'
import { addContents, type Contents } from './add-contents.ts'
import { expiry, findBulkFates } from './bulk-keys.ts'
import { outdatedBeforeMs } from './ledger.ts'
import { advance, inTransaction, ledgerAfter, Refusal } from './store-transaction.ts'

const MINUTE_MS = 60_000

/**
 * One transaction, the ledger first. Where the ledger stood before says which of the files are new
 * to the database. If they are not the files that were read, the transaction is rolled back and
 * begun anew with the new ones.
 */
export async function storeFiles(
  client: pg.Client,
  unit: FilesUnit,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { writer, generation, names, isOwn } = unit
  const adder = { writer, generation }
  // Somebody has decided that adopted clicks are stored, however old they are.
  const isExpired = unit.isAdopted ? () => false : expiry(data.idempotencyKeyDays)
  // Before the transaction: within it, rows would be locked while the disk is waited for. All files are read,
  // so that damage is reported in any case.
  const { damaged, ...all } = contentsOf(data.journalDirectory, names)
  const lostClicks = isOwn ? minus(unit.totals, all.totals) : NO_CLICKS
  const findFates = () => findBulkFates(client, all.keyed, adder, isExpired)
  for (let newNames = names; ; ) {
    const inHand = newNames
    const contents = inHand === names ? all : contentsOf(data.journalDirectory, inHand)
    const outcome = await inTransaction(client, task, async history => {
      const before = await advance(client, task, { ...adder, clicks: contents.totals }, findFates)
      newNames = names.filter(name => generationOf(name) > before.generation)
      // Fewer are new than were read: the oldest ones are stored already. Their process was killed after its
      // COMMIT and before it removed them.
      if (newNames.length !== inHand.length) throw new Refusal({ kind: 'taken' })
      if (!before.hadRow && !isOwn && !unit.isAdopted && isOutdated(writer, contents, data))
        throw new Refusal({ kind: 'outdated' })
      // Without pauses: what is in files has waited long enough.
      const pace = { batchRows: data.batchRows, pauseSeconds: 0 }
      const added = await addContents(client, contents, { adder, isExpired, history, pace })
      // What that process was killed before it could put aside is at the beginning.
      const older = all.keyed.slice(0, all.keyed.length - contents.keyed.length)
      const { conflicts, expired } = await findBulkFates(client, older, adder, isExpired)
      const stored = {
        ...added,
        conflicts: [...conflicts, ...added.conflicts],
        expired: [...expired, ...added.expired],
        lostClicks,
        damaged,
      }
      return { stored, ledger: isOwn ? ledgerAfter(task, before) : 'level' }
    })
    if (newNames.length === inHand.length) return withDamage(outcome, damaged)
  }
}

/** The outcome with the damage in all of the unit's files, whichever of them were stored now. */
function withDamage(outcome: StoreOutcome, damaged: StoredItem['damaged']): StoreOutcome {
  if (outcome.kind !== 'done' || outcome.stored === null) return outcome
  return { ...outcome, stored: { ...outcome.stored, damaged } }
}

function contentsOf(directory: string, names: readonly string[]): Contents & Pick<StoredItem, 'damaged'> {
  const { rows, keyed, damaged } = readFiles(directory, names)
  return { rows, keyed, damaged, totals: plus(totalsOf(rows), clicksOf(keyed)) }
}

/**
 * Whether a writer without a row may have had one that was deleted. The minutes of its clicks
 * tell, not its files' times.
 */
function isOutdated(writer: string, contents: Contents, { journalDirectory }: FlushWorkerData): boolean {
  if (grossOf(contents.totals) === 0) return false
  const boundMs = outdatedBeforeMs(Date.now())
  const isOld = (minute: number) => minute * MINUTE_MS < boundMs
  const areOld = ({ rows, keyed }: Pick<Contents, 'rows' | 'keyed'>) =>
    rows.minutes.every(isOld) && keyed.every(({ minute }) => isOld(minute))
  return areOld(contents) && areOld(readWriter(journalDirectory, writer))
}
