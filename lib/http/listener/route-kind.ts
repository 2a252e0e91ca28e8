import type { RouteKind } from '../../memory/layout.ts'

/** What a request is for, by its target. Each kind has latencies of its own: pages are not clicks. */
export function routeKind(url: string): RouteKind {
  if (url.startsWith('/counter') || url.startsWith('/click/')) return 'counting'
  return url.startsWith('/stats') ? 'reading' : 'watching'
}
