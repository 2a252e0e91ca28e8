import { dashboardFiles } from '../../dashboard/files.ts'
import type { Operation } from '../api/operations/operation.ts'
import { documentedPage, pageFileOperation } from './page-operations.ts'

const responses = documentedPage('The page.', { 'text/html': '<!doctype html>…' })

export const showDashboard: Operation = {
  operationId: 'showDashboard',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'The page',
  description: 'A link can say what it shows: `#banner=1&range=hour&zone=utc`.',
  responses,
}

export const showDashboardAtRoot: Operation = {
  operationId: 'showDashboardAtRoot',
  access: 'public',
  tags: ['Dashboard'],
  summary: 'The same page, at the address of the service',
  responses,
}

export const showDashboardFile = pageFileOperation({
  operationId: 'showDashboardFile',
  tag: 'Dashboard',
  path: '/dashboard',
  files: dashboardFiles,
  beginnings: { 'text/css': ':root{…', 'text/javascript': 'import …', 'image/svg+xml': '<svg …' },
})
