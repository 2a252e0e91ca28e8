import type { RouteKind } from '../../memory/layout.ts'

/** What a request is for, by its target: pages that watch must not be seen in the latency of clicks. */
export function routeKind(url: string): RouteKind {
  if (url.startsWith('/counter')) return 'counting'
  return url.startsWith('/stats') ? 'reading' : 'watching'
}
