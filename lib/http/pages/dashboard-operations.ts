import {
  bannerFiles,
  bannersFiles,
  dashboardFiles,
  fleetFiles,
  overviewFiles,
} from '../../dashboard/files.ts'
import type { Operation } from '../api/operations/operation.ts'
import { documentedPage, pageFileOperation } from './page-operations.ts'

const responses = documentedPage('The page.', { 'text/html': '<!doctype html>…' })

export const showDashboard: Operation = {
  operationId: 'showDashboard',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'The page',
  description:
    'A link can say what it shows: `#/banner?id=1&range=today&zone=utc`, or `#/banners?q=sale&state=active`.',
  responses,
}

export const showDashboardAtRoot: Operation = {
  operationId: 'showDashboardAtRoot',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'The same page, at the address of the service',
  responses,
}

const scripts = { 'text/css': ':root{…', 'text/javascript': 'import …' }

export const showDashboardFile = pageFileOperation({
  operationId: 'showDashboardFile',
  tag: 'Dashboard',
  page: '/dashboard',
  files: dashboardFiles,
  beginnings: { ...scripts, 'image/svg+xml': '<svg …' },
})

export const showOverviewFile = pageFileOperation({
  operationId: 'showOverviewFile',
  tag: 'Dashboard',
  page: '/dashboard',
  files: overviewFiles,
  beginnings: scripts,
})

export const showBannerFile = pageFileOperation({
  operationId: 'showBannerFile',
  tag: 'Dashboard',
  page: '/dashboard',
  files: bannerFiles,
  beginnings: scripts,
})

export const showBannersFile = pageFileOperation({
  operationId: 'showBannersFile',
  tag: 'Dashboard',
  page: '/dashboard',
  files: bannersFiles,
  beginnings: scripts,
})

export const showFleetFile = pageFileOperation({
  operationId: 'showFleetFile',
  tag: 'Dashboard',
  page: '/dashboard',
  files: fleetFiles,
  beginnings: scripts,
})
