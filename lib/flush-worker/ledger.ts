import type pg from 'pg'
import { statements } from '../../db/statements.ts'
import type { LedgerStand } from '../messages.ts'

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
  const { rows } = await client.query<{ writer: string; generation: string; clicks: string }>(
    statements.ledgerStands,
    [writers],
  )
  const stands = new Map(rows.map(({ writer, generation, clicks }) => [writer, { generation, clicks }]))
  return writers.map(writer => {
    const { generation, clicks } = stands.get(writer) ?? { generation: 0, clicks: 0 }
    return { writer, generation: Number(generation), clicks: Number(clicks) }
  })
}

/** Where the ledger stood before a step. */
export interface LedgerBefore extends LedgerStand {
  readonly hadRow: boolean
}

/**
 * Moves the writer's ledger to a generation that brings so many clicks, gross. Resolves with where it stood
 * before; null: it is there already, or further.
 */
export async function advanceLedger(
  client: pg.Client,
  { writer, generation, clicks }: LedgerStand,
): Promise<LedgerBefore | null> {
  const { rows } = await client.query<{ previous_generation: string | null; clicks: string }>(
    statements.advanceLedger,
    [writer, generation, new Date(), clicks],
  )
  if (rows.length === 0) return null
  const { previous_generation: previous, clicks: sum } = rows[0]!
  return {
    writer,
    generation: Number(previous ?? 0),
    clicks: Number(sum) - clicks,
    hadRow: previous !== null,
  }
}

/** A writer has nothing left to store. Rows of writers that ended long ago are deleted. */
export async function endWriter(client: pg.Client, writer: string): Promise<void> {
  await client.query(statements.endWriter, [writer])
  await client.query(statements.deleteEndedWriters, [ENDED_DAYS])
}
