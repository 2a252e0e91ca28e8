import type { ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { type Asset, readAssets } from '../../dashboard/assets.ts'

/**
 * The page speaks to this service alone, and nothing that gets into it can run or call home. No other page
 * may frame it: who wants the figures elsewhere reads /health, which any origin may.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GET /dashboard and a route for each file of it: a name that is not in the table meets no file system. */
export function dashboardRoutes(): ServerRoute[] {
  return [
    { method: 'GET', path: '/', handler: (_request, h) => h.redirect('/dashboard') },
    ...readAssets().map(asset => ({
      method: 'GET' as const,
      path: asset.path,
      handler: (_request: unknown, h: ResponseToolkit) => answer(h, asset),
    })),
  ]
}

function answer(h: ResponseToolkit, { body, type, etag }: Asset) {
  return (
    h
      .response(body)
      .type(type)
      .etag(etag)
      // Kept, and asked about every time: after an update no page is made of old and new files.
      .header('cache-control', 'no-cache')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
  )
}
