import type { IncomingHttpHeaders } from 'node:http'

/** Whether a browser fetched ahead of a click that may never come. */
export function isPrefetch(headers: IncomingHttpHeaders): boolean {
  return (
    mentionsPrefetch(headers['sec-purpose']) ||
    mentionsPrefetch(headers.purpose) ||
    mentionsPrefetch(headers['x-moz'])
  )
}

function mentionsPrefetch(value: string | string[] | undefined): boolean {
  return value !== undefined && String(value).toLowerCase().includes('prefetch')
}
