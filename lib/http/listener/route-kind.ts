import type { RouteKind } from '../../memory/layout.ts'

/** Whether it is for clicks or a probe of an orchestrator: these are answered at once, and hold nothing. */
export function isLight(url: string): boolean {
  return url.startsWith('/counter/') || url.startsWith('/click/') || url.startsWith('/health/')
}

/** What a request is for, by its target. Each kind has latencies of its own: pages are not clicks. */
export function routeKind(url: string): RouteKind {
  if (url.startsWith('/counter') || url.startsWith('/click/')) return 'counting'
  return url.startsWith('/stats') ? 'reading' : 'watching'
}
