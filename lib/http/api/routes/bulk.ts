import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type { BulkKeys } from '../../../ingest/bulk-keys.ts'
import type { BulkEntry } from '../../entrance/bulk-entry.ts'
import { fingerprintOf } from '../../entrance/bulk-fingerprint.ts'
import { MAX_READ_BYTES } from '../../listener/limits.ts'
import type { Turns } from '../../listener/turns.ts'
import { forAnyOrigin } from '../any-origin.ts'
import { type BulkBody, mistakeIn } from '../bulk-verdict.ts'
import type { ClickRoutesOptions } from '../click-handler.ts'
import { idempotencyKeyOf, OTHER_CONTENT } from '../idempotency-key.ts'
import { readJson, unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { preflightRoute } from '../preflight.ts'
import { throwRefusal } from '../throw-refusal.ts'
import { allowCountingMany, countMany } from './bulk-operations.ts'

const BODY = { maxBytes: MAX_READ_BYTES, example: '{"clicks":[{"id":1},{"id":2,"count":5}]}' }

interface BulkRoutesOptions extends Pick<ClickRoutesOptions, 'entrance' | 'clients'> {
  /** The client's network. */
  readonly clientOf: (request: Request) => string
  readonly turns: Pick<Turns, 'next'>
  readonly bulkKeys: BulkKeys
}

/** POST /counter: many clicks in one request, all or nothing. */
export function bulkRoutes({ entrance, clients, clientOf, turns, bulkKeys }: BulkRoutesOptions): Route[] {
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
        const key = idempotencyKeyOf(request)
        const client = clientOf(request)
        const sender = clients.networkKeyOf(client, request.raw.req.headers.authorization)
        entrance.expectRoom(sender)
        const entries = entriesOf(await readJson(request, { ...BODY, turn: () => turns.next(client) }))
        const identity = key === null ? null : { key, fingerprint: fingerprintOf(entries) }
        if (identity !== null && (await bulkKeys.isOfOther(identity))) throw Boom.badData(OTHER_CONTENT)
        const ruling = entrance.ruleAll(entries)
        if (ruling.firstUnknown !== null) throw Boom.badRequest(unknownEntry(entries, ruling.firstUnknown))
        const accepted = await entrance
          .enterAll(ruling, sender, identity)
          .catch((error: Error) => throwRefusal(request, error))
        if (identity !== null && accepted > 0) bulkKeys.note(identity)
        return h.response({ accepted }).code(202).header('cache-control', 'no-store')
      },
    },
    preflightRoute('/counter', 'POST', allowCountingMany),
  ])
}

function entriesOf(body: unknown): readonly BulkEntry[] {
  const mistake = mistakeIn(body)
  if (mistake !== null) throw Boom.badRequest(mistake)
  return (body as BulkBody).clicks
}

function unknownEntry(entries: readonly BulkEntry[], nth: number): string {
  return `clicks[${nth}].id is ${entries[nth]!.id}: nobody has registered this banner: register it, or leave it out`
}
