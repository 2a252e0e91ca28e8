import Joi from '@hapi/joi'
import { anyOrigin, fixedHeader } from '../api/operations/documented-answers.ts'
import type { Operation } from '../api/operations/operation.ts'
import { cachedHeaders, documentedUnchanged } from './page-operations.ts'

const headers = {
  'Cache-Control': fixedHeader(
    'public, max-age=3600, stale-while-revalidate=86400',
    'Caches may keep it for an hour, and for a day more while they ask whether it has changed.',
  ),
  ETag: cachedHeaders.ETag!,
  'Access-Control-Allow-Origin': anyOrigin,
  'Cross-Origin-Resource-Policy': fixedHeader(
    'cross-origin',
    'Pages with `Cross-Origin-Embedder-Policy` may load it.',
  ),
  'X-Content-Type-Options': fixedHeader('nosniff', 'Browsers must believe the type.'),
}

export const loadScript: Operation = {
  operationId: 'loadScript',
  access: 'public',
  tags: ['Counting'],
  summary: 'The script for pages: counts clicks on elements with data-banner',
  responses: {
    200: {
      description: 'The script, less than 1 KiB with gzip.',
      headers,
      content: {
        'text/javascript': {
          schema: Joi.string(),
          examples: { beginning: { value: '/* clickcounter.js …' } },
        },
      },
    },
    304: documentedUnchanged(headers),
  },
}
