import type { Request } from '@hapi/hapi'
import type { StatsReader } from '../../db/stats/read-stats.ts'
import type { HealthSources } from '../health/report.ts'
import type { BulkKeys } from '../ingest/bulk-keys.ts'
import type { BannerRoutesOptions } from './api/banners/calls.ts'
import { forOrigins } from './api/chosen-origins.ts'
import type { ClickRoutesOptions } from './api/click-handler.ts'
import type { Route } from './api/operations/operation.ts'
import { bannerImportRoute } from './api/routes/banner-import.ts'
import { bannerListRoute } from './api/routes/banner-list.ts'
import { bannerRoutes } from './api/routes/banners.ts'
import { bulkRoutes } from './api/routes/bulk.ts'
import { clickRoutes } from './api/routes/click.ts'
import { counterRoutes } from './api/routes/counter.ts'
import { exportRoute } from './api/routes/export.ts'
import { type FleetRouteOptions, fleetRoute } from './api/routes/fleet.ts'
import { healthRoutes } from './api/routes/health.ts'
import { type KeyRoutesOptions, keyRoutes } from './api/routes/keys.ts'
import { manyStatsRoutes } from './api/routes/many-stats.ts'
import { metricsRoute } from './api/routes/metrics.ts'
import { type SessionRoutesOptions, sessionRoutes } from './api/routes/session.ts'
import { statsRoutes } from './api/routes/stats.ts'
import type { FlushBefore } from './api/stats/after-flush.ts'
import type { FinalWatch } from './api/stats/final-watch.ts'
import type { Turns } from './listener/turns.ts'
import { dashboardRoutes } from './pages/dashboard.ts'
import { documentationRoutes } from './pages/documentation.ts'
import { scriptRoute } from './pages/script.ts'

export interface RoutesOptions
  extends BannerRoutesOptions,
    ClickRoutesOptions,
    FleetRouteOptions,
    KeyRoutesOptions,
    SessionRoutesOptions {
  readonly sources: HealthSources
  readonly statsReader: StatsReader
  readonly flushBefore: FlushBefore
  readonly finalWatch: FinalWatch
  /** Large bodies are read in these. */
  readonly turns: Turns
  /** Of bulks that come with an Idempotency-Key. */
  readonly bulkKeys: BulkKeys
  /** Whose pages may read /stats. */
  readonly corsOrigins: readonly string[]
}

/** All that Hapi answers. */
export function allRoutes(options: RoutesOptions): Route[] {
  const { sources, statsReader, finalWatch, flushBefore, corsOrigins, forwarded, now } = options
  const clientOf = (request: Request) => forwarded.networkOf(request.raw.req)
  const asking = { flushBefore, finalWatch, clientOf, now }
  return [
    ...counterRoutes(options),
    ...clickRoutes(options),
    ...bulkRoutes({ ...options, clientOf }),
    ...forOrigins(corsOrigins, statsRoutes(statsReader, asking), 'allowReadingClicks'),
    ...forOrigins(corsOrigins, manyStatsRoutes(statsReader, asking), 'allowReadingManyClicks'),
    exportRoute(statsReader, asking),
    bannerListRoute(options),
    bannerImportRoute(options, sources.config.dataDir),
    ...bannerRoutes(options),
    ...healthRoutes(sources, now),
    metricsRoute(sources),
    fleetRoute(options),
    ...keyRoutes(options),
    ...sessionRoutes(options),
    scriptRoute(),
    ...documentationRoutes(),
    ...dashboardRoutes(),
  ]
}
