import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import { migrate } from '../../db/schema/migrate.ts'
import type { DatabaseServer } from '../config/config.ts'
import type { Readiness } from '../fleet/readiness.ts'
import { Backoff } from '../flush/backoff.ts'
import type { Flusher } from '../flush/flusher.ts'
import type { FlushReport } from '../flush/report.ts'

interface TablesOptions {
  /** No attempt is made before this has resolved. */
  readonly after?: Promise<void> | undefined
  readonly database: DatabaseServer
  readonly flusher: Pick<Flusher, 'allowStoring' | 'refuseStoring'>
  readonly report: Pick<FlushReport, 'notPrepared'>
  readonly readiness: Pick<Readiness, 'tablesAre'>
  readonly log: Logger
}

export interface TablesPreparation {
  /** Resolves when they are ready, or cannot be made ready now. */
  readonly firstAttempt: Promise<void>
  /** The next attempt comes at once, if one is waited for. */
  hurry(): void
  /** No further attempt. One that is under way goes on to its end. */
  cancel(): void
}

/** Migrates as soon as the database is there. Until then, batches wait. */
export function prepareTables({ after, database, log, ...told }: TablesOptions): TablesPreparation {
  const { flusher, report, readiness } = told
  const backoff = new Backoff()
  let isCancelled = false
  const attempt = async () => {
    try {
      const applied = await migrate(database, { kind: 'up' })
      if (applied.length > 0) log.info({ applied }, 'the tables were migrated')
    } catch (error) {
      const failure = databaseFailure(error, database)
      report.notPrepared(failure)
      flusher.refuseStoring()
      readiness.tablesAre(failure.reason === 'database_newer' ? 'newer' : 'missing')
      if (!isCancelled) backoff.fail(attempt)
      return
    }
    // After the migration: a flush into tables of an older version would fail.
    flusher.allowStoring()
    readiness.tablesAre('ready')
  }
  const hurry = () => {
    if (backoff.isOver) return
    backoff.reset()
    void attempt()
  }
  const cancel = () => {
    isCancelled = true
    backoff.reset()
  }
  const firstAttempt =
    after === undefined ? attempt() : after.then(() => (isCancelled ? undefined : attempt()))
  return { firstAttempt, hurry, cancel }
}
