/*
 * Locks of the history, each held until the end of its transaction. They are advisory: whoever does what stands here
 * takes them. The order is job, flush, months; whoever takes two of them takes them in that order.
 */

/** 'clickflu'. Whoever adds clicks shares it. Whoever sums them up, drops or rebuilds has it alone. */
const FLUSH = '7164216982964169845'
/** 'clickrol'. One instance at a time sums up. */
const JOB = '7164216982964957036'
/** 'clickkey'. One at a time removes old keys of bulks. It is taken alone. */
const KEYS = '7164216982964495737'
/** 'clickmon'. One at a time makes partitions. */
const MONTHS = '7164216982964629358'

/**
 * SQL of the lock of everybody who adds clicks, to be sent with the BEGIN. The state of the history is read in a
 * statement of its own after it: swapped, or in one statement, a watermark could move between the two, and late clicks
 * would be in no sum.
 */
export const SHARE_FLUSHES = `SELECT pg_advisory_xact_lock_shared(${FLUSH})`

/** SQL that waits until nobody adds clicks, and lets nobody begin. */
export const STOP_FLUSHES = `SELECT pg_advisory_xact_lock(${FLUSH})`

/** SQL of one row with one column, `isTaken`: whether this is the only job now. */
export const TRY_JOB = `SELECT pg_try_advisory_xact_lock(${JOB}) AS "isTaken"`

/** SQL of one row with one column, `isTaken`: whether nobody else removes keys of bulks now. */
export const TRY_KEYS = `SELECT pg_try_advisory_xact_lock(${KEYS}) AS "isTaken"`

/** SQL that lets one maker of partitions in at a time. */
export const LOCK_MONTHS = `SELECT pg_advisory_xact_lock(${MONTHS})`

/**
 * SQL that keeps all months in their tables, to be sent with the BEGIN of whoever reads the state of the history and
 * then clicks. Without it, a month that is taken off between the two would seem to have none.
 */
export const KEEP_MONTHS = 'LOCK TABLE ONLY click_minutes, ONLY click_quarters IN ACCESS SHARE MODE'
