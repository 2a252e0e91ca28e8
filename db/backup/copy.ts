import type { Limits } from '../connection/transaction.ts'

/** A table may take hours, and the other end of the stream may pause. */
export const COPY_LIMITS: Limits = { lockMs: 10_000, statementMs: 0, queryMs: 0, idleMs: 0 }
