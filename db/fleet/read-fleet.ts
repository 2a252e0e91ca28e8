import type pg from 'pg'
import { statements } from '../statements.ts'
import { adviceFor } from './advice.ts'
import { type Fleet, type FleetInstance, type InstanceState, LOST_SECONDS } from './fleet.ts'

/** Who is final through an instant longer ago holds the others back. */
const LAGGING_SECONDS = 15
interface Row {
  readonly writer: string
  readonly name: string
  readonly version: string
  readonly state: Exclude<InstanceState, 'lost'>
  readonly started_at: Date
  readonly seen_at: Date
  readonly pending: string
  readonly pending_since: Date | null
  readonly final_through: Date
  readonly now: Date
}

export async function readFleet(client: pg.ClientBase): Promise<Fleet> {
  const { rows } = await client.query<Row>(statements.listInstances)
  const counting = rows.filter(({ state }) => state === 'serving' || state === 'draining')
  const lagging = counting.filter(row => secondsBetween(row.final_through, row.now) > LAGGING_SECONDS)
  const oldestMs = Math.min(...counting.map(row => row.final_through.getTime()))
  return {
    finalThrough: counting.length === 0 ? null : wholeSeconds(oldestMs),
    heldBackBy: [...new Set(lagging.map(({ name }) => name))],
    instances: rows.map(instanceOf),
  }
}

function instanceOf(row: Row): FleetInstance {
  const isSilent = secondsBetween(row.seen_at, row.now) > LOST_SECONDS
  const state =
    isSilent && (row.state === 'serving' || row.state === 'draining') ? ('lost' as const) : row.state
  const pending = Number(row.pending)
  const { pending_since: since, name } = row
  return {
    name,
    id: row.writer,
    version: row.version,
    state,
    startedAt: row.started_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    pending,
    pendingSeconds: since === null ? 0 : Math.max(0, Math.round(secondsBetween(since, row.now))),
    finalThrough: wholeSeconds(row.final_through.getTime()),
    advice: adviceFor({ name, state, pending }),
  }
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000
}

/** Rounded down: what is final through an instant is final through any earlier one. */
function wholeSeconds(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
