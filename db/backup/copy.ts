import type { Limits } from '../connection/transaction.ts'

/** A table may take hours, and whoever sends or takes its rows may pause. */
export const COPY_LIMITS: Limits = { lockMs: 10_000, statementMs: 0, queryMs: 0, idleMs: 0 }

/** Whatever the role, the database or the last user of a pooler's connection has set. */
export const PLAIN_VALUES = ["TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'"]
