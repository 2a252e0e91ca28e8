import Boom from '@hapi/boom'
import { type Bulk, sumUp } from '../../../ingest/bulk.ts'
import type { Recorder } from '../../../ingest/recorder.ts'
import { VALID } from '../../../rows/classes.ts'
import { MAX_READ_BYTES } from '../../listener/limits.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { type BulkBody, mistakeIn } from '../bulk-verdict.ts'
import { readJson, unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import { throwRefusal } from '../throw-refusal.ts'
import { allowCountingMany, countMany } from './bulk-operations.ts'

const BODY = { maxBytes: MAX_READ_BYTES, example: '{"clicks":[{"id":1},{"id":2,"count":5}]}' }

/** POST /counter: many clicks in one request, all or nothing. */
export function bulkRoutes(recorder: Recorder): Route[] {
  return forAnyOrigin([
    {
      method: 'POST',
      path: '/counter',
      options: {
        // text/plain, because a beacon of another origin can send nothing else without a preflight. A body
        // without a type is not taken for JSON.
        payload: {
          ...unreadJson('application/json', 'text/plain'),
          defaultContentType: 'application/octet-stream',
        },
        plugins: { operation: countMany },
      },
      handler: async (request, h) => {
        const bulk = checkBulk(await readJson(request, BODY))
        await recorder.recordAll(VALID, bulk).catch(error => throwRefusal(request, error))
        return h.response({ accepted: bulk.clicks }).code(202).header('cache-control', 'no-store')
      },
    },
    preflightRoute('/counter', 'POST', allowCountingMany),
  ])
}

function checkBulk(body: unknown): Bulk {
  const mistake = mistakeIn(body)
  if (mistake !== null) throw Boom.badRequest(mistake)
  return sumUp((body as BulkBody).clicks)
}
