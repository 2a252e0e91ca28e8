import {
  bannerFiles,
  bannersFiles,
  dashboardFiles,
  dashboardPage,
  fleetFiles,
  overviewFiles,
} from '../../dashboard/files.ts'
import type { Route } from '../api/operations/operation.ts'
import {
  showBannerFile,
  showBannersFile,
  showDashboard,
  showDashboardAtRoot,
  showDashboardFile,
  showFleetFile,
  showOverviewFile,
} from './dashboard-operations.ts'
import { pageFilesRoute, pageRoute } from './pages.ts'

/** GET /dashboard, also at the root, and the files that the page loads. */
export function dashboardRoutes(): Route[] {
  return [
    // No redirect: the page's relative addresses lead to the same files from the root and from /dashboard.
    pageRoute('/', dashboardPage, showDashboardAtRoot),
    pageRoute('/dashboard', dashboardPage, showDashboard),
    pageFilesRoute('/dashboard', dashboardFiles, showDashboardFile),
    pageFilesRoute('/dashboard/overview', overviewFiles, showOverviewFile, '/dashboard'),
    pageFilesRoute('/dashboard/banner', bannerFiles, showBannerFile, '/dashboard'),
    pageFilesRoute('/dashboard/banners', bannersFiles, showBannersFile, '/dashboard'),
    pageFilesRoute('/dashboard/fleet', fleetFiles, showFleetFile, '/dashboard'),
  ]
}
