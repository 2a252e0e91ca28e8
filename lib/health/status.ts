import { DATABASE_REASONS } from '../../db/connection/failure.ts'
import { readNumber, threadNumbers } from '../books/balance.ts'
import { raisedConditions } from '../books/conditions.ts'
import { CONDITIONS, type Condition } from '../memory/conditions.ts'
import {
  CONTROL,
  DATABASE_UNKNOWN,
  DATABASE_UP,
  SERVICE_STARTING,
  SERVICE_STOPPING,
} from '../memory/layout.ts'
import { READINESS_OUTDATED, READINESS_READY } from '../memory/readiness.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readText } from '../memory/shared-text.ts'

/** What `status` can be. */
export const STATUSES = ['ok', 'degraded', 'starting', 'stopping', 'refusing'] as const
type Status = (typeof STATUSES)[number]
/** What /health/ready can say. outdated: the tables are newer than this program. */
export const READY_STATUSES = [...STATUSES, 'outdated'] as const
/** What `reason` can be, the most serious first. */
export const REASONS = [
  'journal_full',
  'journal_failing',
  'database_down',
  'database_unknown',
  'flush_failing',
  ...CONDITIONS,
] as const
type Reason = (typeof REASONS)[number]

/** One thing that is wrong. */
interface Complaint {
  readonly reason: Reason
  /** RFC 3339; null: not known. */
  readonly since: string | null
  /** A sentence for people, or what Postgres said; null: the reason says it all. */
  readonly detail: string | null
}

interface ServiceStatus {
  readonly status: Status
  readonly complaints: readonly Complaint[]
}

/** For this long after a journal write has failed, the journal counts as failing. */
const JOURNAL_FAILURE_MS = 5000

/** Whether clicks may be sent here. A service that is stopping still takes them for a little while. */
export function acceptsClicks(status: Status): boolean {
  return status === 'ok' || status === 'degraded'
}

/** Whether orchestrators may send clicks here: clicks are accepted, and the other instances know of this one. */
export function readiness(
  memory: SharedMemory,
  nowMs: number,
): { isReady: boolean; status: (typeof READY_STATUSES)[number] } {
  const { status } = serviceStatus(memory, nowMs)
  const state = Atomics.load(memory.i32, CONTROL.readiness)
  if (!acceptsClicks(status) || state === READINESS_READY) return { isReady: acceptsClicks(status), status }
  return { isReady: false, status: state === READINESS_OUTDATED ? 'outdated' : 'starting' }
}

/** The status, and what makes it degraded or refusing, the most serious first. */
export function serviceStatus(memory: SharedMemory, nowMs: number): ServiceStatus {
  const state = Atomics.load(memory.i32, CONTROL.serviceState)
  if (state === SERVICE_STOPPING) return { status: 'stopping', complaints: [] }
  if (state === SERVICE_STARTING) return { status: 'starting', complaints: [] }
  const refusals = refusalsOf(memory, nowMs)
  const complaints = [...refusals, ...databaseComplaints(memory), ...conditionComplaints(memory)]
  if (refusals.length > 0) return { status: 'refusing', complaints }
  return { status: complaints.length > 0 ? 'degraded' : 'ok', complaints }
}

function refusalsOf(memory: SharedMemory, nowMs: number): Complaint[] {
  const refusals: Complaint[] = []
  const complain = (reason: Reason) => refusals.push({ reason, since: null, detail: null })
  if (Atomics.load(memory.i32, CONTROL.backlogIsFull) !== 0) complain('journal_full')
  if (isJournalFailing(memory, nowMs)) complain('journal_failing')
  return refusals
}

/** What is wrong with the database or with storing. Empty when a condition already says it. */
function databaseComplaints(memory: SharedMemory): Complaint[] {
  if (raisedConditions(memory).some(({ name }) => isDatabaseReason(name))) return []
  const database = databaseStatus(memory)
  if (database !== 'up') {
    const detail = readText(memory, 'databaseLastError')
    return [{ reason: `database_${database}`, since: databaseDownSince(memory), detail }]
  }
  const detail = readText(memory, 'flushLastError')
  return detail === null ? [] : [{ reason: 'flush_failing', since: null, detail }]
}

function isDatabaseReason(name: Condition): boolean {
  return (DATABASE_REASONS as readonly Condition[]).includes(name)
}

function conditionComplaints(memory: SharedMemory): Complaint[] {
  return raisedConditions(memory).map(({ name, sinceMs, text }) => ({
    reason: name,
    since: new Date(sinceMs).toISOString(),
    detail: text,
  }))
}

function isJournalFailing(memory: SharedMemory, nowMs: number): boolean {
  return threadNumbers(memory, 'journalFailedAtMs').some(
    failedAtMs => nowMs - failedAtMs < JOURNAL_FAILURE_MS,
  )
}

export function databaseStatus({ i32 }: SharedMemory): 'up' | 'down' | 'unknown' {
  const state = Atomics.load(i32, CONTROL.databaseState)
  if (state === DATABASE_UNKNOWN) return 'unknown'
  return state === DATABASE_UP ? 'up' : 'down'
}

/** RFC 3339; null while it is not down. */
export function databaseDownSince(memory: SharedMemory): string | null {
  if (databaseStatus(memory) !== 'down') return null
  return new Date(readNumber(memory, 'databaseDownSinceMs')).toISOString()
}
