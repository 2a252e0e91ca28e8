import type { Limits } from '../connection/transaction.ts'

/** A table may take hours, and the other end of the stream may pause. */
export const COPY_LIMITS: Limits = { lockMs: 10_000, statementMs: 0, queryMs: 0, idleMs: 0 }

/** Makes the text of values the same, whatever the role, the database or a pooler's last user has set. */
export const PLAIN_VALUES = ["TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'"]
