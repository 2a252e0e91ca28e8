import Boom from '@hapi/boom'
import type { ServerRoute } from '@hapi/hapi'
import { type Bulk, sumUp } from '../../ingest/bulk.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { MAX_READ_BYTES, parseJson, readBody, unreadJson } from '../body.ts'
import { type BulkBody, mistakeIn } from '../bulk.ts'
import { preflightRoute } from '../preflight.ts'
import { allowCountingMany, countMany } from './bulk-operations.ts'
import { refuse } from './counter.ts'

const EXAMPLE = '{"clicks":[{"id":1},{"id":2,"count":5}]}'

/** POST /counter: many clicks in one request, all or nothing. */
export function bulkRoutes(recorder: Recorder): ServerRoute[] {
  return [
    {
      method: 'POST',
      path: '/counter',
      // A page of another origin may leave the type out without asking first: it is not JSON then.
      options: {
        payload: { ...unreadJson, defaultContentType: 'application/octet-stream' },
        plugins: { openapi: countMany },
      },
      handler: async (request, h) => {
        const bulk = parseBulk(await readBody(request, MAX_READ_BYTES))
        await recorder.recordAll(bulk).catch(error => refuse(request, error))
        return h
          .response({ accepted: bulk.clicks })
          .code(202)
          .header('cache-control', 'no-store')
          .header('access-control-allow-origin', '*')
      },
    },
    preflightRoute('/counter', 'POST', allowCountingMany),
  ]
}

function parseBulk(body: Buffer): Bulk {
  const value = parseJson(body, EXAMPLE)
  const mistake = mistakeIn(value)
  if (mistake !== null) throw Boom.badRequest(mistake)
  return sumUp((value as BulkBody).clicks)
}
