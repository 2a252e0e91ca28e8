import type pg from 'pg'
import { statements } from '../statements.ts'
import { adviceFor } from './advice.ts'
import { type FinalRow, finalOf, timeOf } from './final-through.ts'
import { type Fleet, type FleetInstance, type InstanceState, LOST_SECONDS } from './fleet.ts'

interface Row extends FinalRow {
  readonly writer: string
  readonly version: string
  readonly state: Exclude<InstanceState, 'lost'>
  readonly started_at: Date
  readonly seen_at: Date
  readonly pending: string
  readonly pending_since: Date | null
  readonly now: Date
}

export async function readFleet(client: pg.ClientBase): Promise<Fleet> {
  const { rows } = await client.query<Row>(statements.listInstances)
  const counting = rows.filter(({ state }) => state === 'serving' || state === 'draining')
  return { ...finalOf(counting), instances: rows.map(instanceOf) }
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
    finalThrough: timeOf(row.through),
    advice: adviceFor({ name, state, pending }),
  }
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000
}
