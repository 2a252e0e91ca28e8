import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { constants, gzipSync } from 'node:zlib'
import type { ResponseObject } from '@hapi/hapi'
import type { Route } from '../api/operations/operation.ts'
import { loadScript } from './script-operation.ts'

const SCRIPT = new URL('../../script/clickcounter.js', import.meta.url)

/** GET /clickcounter.js: the very bytes of the file, which pages may name by their hash (`integrity`). */
export function scriptRoute(): Route {
  let script: ReturnType<typeof readScript> | null = null
  return {
    method: 'GET',
    path: '/clickcounter.js',
    options: { plugins: { operation: loadScript } },
    handler: (request, h) => {
      // Read at the first request: most threads of most services never send it.
      const { body, gzipped, etag } = (script ??= readScript())
      // Hapi takes the tags of both forms for this one.
      const unchanged = h.entity({ etag })
      if (unchanged !== undefined) return withHeaders(unchanged)
      const isGzip = request.info.acceptEncoding === 'gzip'
      const response = h.response(isGzip ? gzipped : body).etag(etag)
      return withHeaders(isGzip ? response.compressed('gzip') : response)
    },
  }
}

/** Compressed once: Hapi would not compress an answer as short as this one. */
function readScript() {
  const body = readFileSync(SCRIPT)
  return {
    body,
    gzipped: gzipSync(body, { level: constants.Z_BEST_COMPRESSION }),
    etag: createHash('sha256').update(body).digest('base64url'),
  }
}

function withHeaders(response: ResponseObject): ResponseObject {
  return (
    response
      .type('text/javascript')
      .vary('accept-encoding')
      // It depends on no other file, and pages are many: they do not ask each time.
      .header('cache-control', 'public, max-age=3600, stale-while-revalidate=86400')
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('x-content-type-options', 'nosniff')
  )
}
