import Joi from '@hapi/joi'
import { documentedError, fixedHeader, noStore, retryAfter } from '../operations/documented-answers.ts'
import type { DocumentedAnswer, Operation } from '../operations/operation.ts'
import { bannerIdParameter } from '../operations/parameters.ts'
import { preflightOperation } from '../operations/preflight.ts'
import { ignoredId, prefetchHeaders, refusals } from './counter-operations.ts'

/** With a page for people beside the JSON. */
function withPage(answer: DocumentedAnswer): DocumentedAnswer {
  const page = { schema: { type: 'string' }, examples: { page: { value: '<!doctype html>…' } } }
  return { ...answer, content: { ...answer.content, 'text/html': page } }
}

export const follow: Operation = {
  operationId: 'follow',
  access: 'public',
  tags: ['Counting'],
  summary: 'Counts a click, and leads on to the target of its banner',
  description:
    'For links. Of a query, only the parameters that the banner names in `passQuery` go along. Nothing else of the ' +
    'request decides where it leads. **Trying it out counts a click.**',
  parameters: [
    bannerIdParameter,
    ...prefetchHeaders,
    {
      name: 'Accept',
      in: 'header',
      required: false,
      description: 'With `text/html` in it, a click that leads nowhere gets a page in place of JSON.',
      schema: Joi.string().allow(''),
      examples: { browser: { value: 'text/html,application/xhtml+xml,*/*;q=0.8' } },
    },
  ],
  responses: {
    302: {
      description:
        'The click is counted, and survives a crash of the service. A prefetch is ignored. To `CLICK_FALLBACK_URL` ' +
        'where the banner has no target, is not active (`ignored.inactive`) or is not registered (with ' +
        '`UNKNOWN_BANNERS=refuse`: `ignored.unknown`).',
      headers: {
        Location: {
          description: 'Where it leads: http or https.',
          required: true,
          schema: Joi.string().pattern(/^https?:\/\/[!-~]+$/),
        },
        'Cache-Control': noStore,
        'X-Robots-Tag': fixedHeader('noindex', 'Search engines leave it out.'),
      },
    },
    ...refusals,
    429: withPage(refusals[429]!),
    404: withPage(
      documentedError(
        404,
        'It leads nowhere, and there is no `CLICK_FALLBACK_URL`. It counts under `ignored.inactive` when the banner is ' +
          'not active, else under `ignored.unknown`.',
        'this banner has no target',
        { 'Cache-Control': noStore },
      ),
    ),
    503: withPage(
      documentedError(
        503,
        'The click cannot be kept now, or it is not known yet where it leads. Nothing was counted.',
        'banners are not known yet; try again later',
        {
          'Retry-After': retryAfter,
          'Cache-Control': {
            description: 'No cache may keep the answer, or give it without asking.',
            required: true,
            schema: Joi.string().valid('no-store', 'no-cache'),
          },
        },
      ),
    ),
  },
}

export const allowFollowing = preflightOperation('allowFollowing', 'Counting', 'GET', [ignoredId])
