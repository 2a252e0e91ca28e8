import type pg from 'pg'
import { statements } from '../../db/statements.ts'
import type { LedgerStand } from '../messages.ts'
import { BOT, type ByClass, DUPLICATE, grossOf, minus, NO_CLICKS } from '../rows/classes.ts'

/**
 * How long a writer's row stays after its end. Meanwhile, a copy of its journal can be told from new clicks.
 */
const ENDED_DAYS = 90
const DAY_MS = 86_400_000

/** Clicks from before this time may be of a writer whose row was deleted. Milliseconds since the epoch. */
export function outdatedBeforeMs(nowMs: number): number {
  return nowMs - ENDED_DAYS * DAY_MS
}

/** Where the ledger stands for each of the writers. */
export async function ledgerStands(client: pg.Client, writers: readonly string[]): Promise<LedgerStand[]> {
  if (writers.length === 0) return []
  const { rows } = await client.query<{ writer: string; generation: string } & Clicks>(
    statements.ledgerStands,
    [writers],
  )
  const stands = new Map(rows.map(row => [row.writer, row]))
  return writers.map(writer => {
    const row = stands.get(writer)
    if (row === undefined) return { writer, generation: 0, clicks: NO_CLICKS }
    return { writer, generation: Number(row.generation), clicks: clicksOf(row) }
  })
}

/** Where the ledger stood before a step. */
export interface LedgerBefore extends LedgerStand {
  readonly hadRow: boolean
}

/**
 * Moves the writer's ledger to a generation that brings so many clicks. Resolves with where it stood before;
 * null: it is there already, or further.
 */
export async function advanceLedger(
  client: pg.Client,
  { writer, generation, clicks }: LedgerStand,
): Promise<LedgerBefore | null> {
  const { rows } = await client.query<{ previous_generation: string | null } & Clicks>(
    statements.advanceLedger,
    [writer, generation, new Date(), grossOf(clicks), clicks[BOT], clicks[DUPLICATE]],
  )
  if (rows.length === 0) return null
  const [{ previous_generation: previous, ...sums }] = rows as [(typeof rows)[0]]
  return {
    writer,
    generation: Number(previous ?? 0),
    clicks: minus(clicksOf(sums), clicks),
    hadRow: previous !== null,
  }
}

/** Of the clicks that a writer's ledger was moved by, these were not stored. */
export async function settleLedger(
  client: pg.ClientBase,
  writer: string,
  notStored: { readonly all: ByClass<number>; readonly repeated: number; readonly conflicts: number },
): Promise<void> {
  const { all, repeated, conflicts } = notStored
  await client.query(statements.settleLedger, [
    writer,
    grossOf(all),
    all[BOT],
    all[DUPLICATE],
    repeated,
    conflicts,
  ])
}

/** Sums of a row of the ledger. Those of `clicks` are gross. */
interface Clicks {
  readonly clicks: string
  readonly bots: string
  readonly duplicates: string
}

function clicksOf(sums: Clicks): ByClass<number> {
  const [bots, duplicates] = [Number(sums.bots), Number(sums.duplicates)]
  return [Number(sums.clicks) - bots - duplicates, bots, duplicates]
}

/**
 * A writer has nothing left to store: nobody waits for its instance any more. Rows of writers that ended long ago are
 * deleted.
 */
export async function endWriter(client: pg.Client, writer: string): Promise<void> {
  await client.query(statements.endWriter, [writer])
  await client.query(statements.stopInstance, [writer])
  await client.query(statements.deleteEndedWriters, [ENDED_DAYS])
}
