import type pg from 'pg'
import { beginWriting, commit, SERVICE_LIMITS } from '../connection/transaction.ts'
import { readDatabaseState } from '../history/history-state.ts'
import { statements } from '../statements.ts'

/** Whoever has the row locked has it for moments. Keys and banners are watched over the same connection. */
const LIMITS = { ...SERVICE_LIMITS, lockMs: 1000 }
/** How long an instance that is over stays known. */
const PAST_DAYS = 7

/** What an instance says of itself. Times are milliseconds since the epoch, by its own clock. */
export interface Heartbeat {
  readonly writer: string
  readonly name: string
  readonly version: string
  readonly startedAtMs: number
  readonly state: 'serving' | 'draining' | 'stopped'
  /** Gross. */
  readonly pending: number
  /** null: nothing waits. */
  readonly pendingSinceMs: number | null
  /** What it acknowledged before this is in Postgres. */
  readonly finalThroughMs: number
}

/** What a heartbeat is true of. */
export interface Grounds {
  /** The id of the database. */
  readonly database: string
  /** The generations that the ledger has reached at least, by writer. */
  readonly expected: ReadonlyMap<string, number>
  /** Writers whose clicks the instance has still to store, and since when they may be from. */
  readonly earlier: ReadonlyMap<string, number>
}

/**
 * elsewhere: another database answers. behind: the database went back, and what it has lost is to be stored first.
 * stopped: the writer has ended.
 */
export type HeartbeatOutcome = 'written' | 'elsewhere' | 'behind' | 'stopped'

/**
 * Makes the instance's row or brings it up to date, in one transaction with a look at the ledger: a database that went
 * back between the two would say that it has what it lost. `isRevived`: the writer goes on, although its row says that
 * it has stopped.
 *
 * An earlier writer that has a row of its own holds back who waits for it. For one without, as of a process that ended
 * before Postgres came, this instance does.
 */
export async function writeInstance(
  client: pg.ClientBase,
  heartbeat: Heartbeat,
  { database, expected, earlier }: Grounds,
  isRevived: boolean,
): Promise<HeartbeatOutcome> {
  await beginWriting(client, LIMITS)
  const refuse = async (outcome: HeartbeatOutcome) => {
    await client.query('ROLLBACK')
    return outcome
  }
  if ((await readDatabaseState(client)).database !== database) return await refuse('elsewhere')
  if (!(await isLevel(client, expected))) {
    await holdBack(client, heartbeat)
    return 'behind'
  }
  const unknown = await unknownSince(client, earlier)
  const finalThroughMs = Math.min(heartbeat.finalThroughMs, ...unknown)
  // Who has stopped holds back nobody, and clicks wait that nobody else knows of.
  const state = unknown.length > 0 && heartbeat.state === 'stopped' ? 'draining' : heartbeat.state
  const { rows } = await client.query(statements.writeInstance, [
    heartbeat.writer,
    heartbeat.name,
    heartbeat.version,
    new Date(heartbeat.startedAtMs),
    state,
    heartbeat.pending,
    heartbeat.pendingSinceMs === null ? null : new Date(heartbeat.pendingSinceMs),
    new Date(finalThroughMs),
    isRevived,
  ])
  if (rows.length === 0) return await refuse('stopped')
  await commit(client)
  return 'written'
}

/**
 * Also in a database that had no row of this instance when it was copied: until the lost clicks are stored again, what is
 * final would be told without them. A row that is there says what was true of the database then.
 */
async function holdBack(client: pg.ClientBase, heartbeat: Heartbeat): Promise<void> {
  const { writer, name, version, startedAtMs, pending } = heartbeat
  const state = heartbeat.state === 'stopped' ? 'draining' : heartbeat.state
  await client.query(statements.holdInstance, [writer, name, version, new Date(startedAtMs), state, pending])
  await commit(client)
}

async function isLevel(client: pg.ClientBase, expected: ReadonlyMap<string, number>): Promise<boolean> {
  const { rows } = await client.query<{ writer: string; generation: string }>(statements.ledgerStands, [
    [...expected.keys()],
  ])
  const stands = new Map(rows.map(({ writer, generation }) => [writer, Number(generation)]))
  return [...expected].every(([writer, generation]) => (stands.get(writer) ?? 0) >= generation)
}

/** Since when clicks may be from of those writers that have no row. */
async function unknownSince(client: pg.ClientBase, earlier: ReadonlyMap<string, number>): Promise<number[]> {
  if (earlier.size === 0) return []
  const { rows } = await client.query<{ writer: string }>(statements.knownInstances, [[...earlier.keys()]])
  const known = new Set(rows.map(({ writer }) => writer))
  return [...earlier].filter(([writer]) => !known.has(writer)).map(([, sinceMs]) => sinceMs)
}

/** Deletes instances that were stopped or forgotten days ago. */
export async function deletePastInstances(client: pg.ClientBase): Promise<void> {
  await client.query(statements.deletePastInstances, [PAST_DAYS])
}
