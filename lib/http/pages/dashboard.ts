import type { ServerRoute } from '@hapi/hapi'
import { dashboardFiles, dashboardPage } from '../../dashboard/files.ts'
import { showDashboard, showDashboardAtRoot, showDashboardFile } from './dashboard-operations.ts'
import { pageFilesRoute, pageRoute } from './pages.ts'

/** GET /dashboard, which is also what the root shows, and the files that it loads. */
export function dashboardRoutes(): ServerRoute[] {
  return [
    // The page itself and no redirect: every address in it is relative, and right from both places.
    pageRoute('/', dashboardPage, showDashboardAtRoot),
    pageRoute('/dashboard', dashboardPage, showDashboard),
    pageFilesRoute('/dashboard', dashboardFiles, showDashboardFile),
  ]
}
