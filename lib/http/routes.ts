import type { StatsReader } from '../../db/stats/read-stats.ts'
import type { ThreadAccess } from '../access/thread-access.ts'
import type { HealthSources } from '../health/report.ts'
import type { Recorder } from '../ingest/recorder.ts'
import type { Route } from './api/operations/operation.ts'
import { bulkRoutes } from './api/routes/bulk.ts'
import { counterRoutes } from './api/routes/counter.ts'
import { healthRoutes } from './api/routes/health.ts'
import { metricsRoute } from './api/routes/metrics.ts'
import { statsRoute } from './api/routes/stats.ts'
import type { Entrance } from './entrance/entrance.ts'
import { dashboardRoutes } from './pages/dashboard.ts'
import { documentationRoutes } from './pages/documentation.ts'

export interface RoutesOptions {
  readonly recorder: Recorder
  readonly sources: HealthSources
  readonly statsReader: StatsReader
  /** Resolves when every click acknowledged so far is in Postgres. Rejects when the signal is given first. */
  readonly flushBefore: (signal: AbortSignal) => Promise<void>
  readonly access: ThreadAccess
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** All that Hapi answers. */
export function allRoutes(entrance: Entrance, options: RoutesOptions): Route[] {
  const { recorder, sources, statsReader, flushBefore, now } = options
  return [
    ...counterRoutes(entrance),
    ...bulkRoutes(recorder),
    statsRoute(statsReader, flushBefore),
    ...healthRoutes(sources, now),
    metricsRoute(sources),
    ...documentationRoutes(),
    ...dashboardRoutes(),
  ]
}
