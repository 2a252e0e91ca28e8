import Joi from '@hapi/joi'
import { importedBannerSchema } from '../../../banners/banner-schema.ts'
import { notAcceptable } from '../accept.ts'
import { bannerListAnswer, importAnswer } from '../banners/answers.ts'
import { banner, content, good, pageParameters, unavailable, wrong } from '../banners/documented.ts'
import { BANNER_TYPES, UNSUPPORTED } from '../banners/formats.ts'
import {
  documentedError,
  documentedTooLong,
  documentedUnavailable,
  documentedUnsupported,
  noStore,
  varyAccept,
} from '../operations/documented-answers.ts'
import type { Operation, Parameter, Schema } from '../operations/operation.ts'

/** Bytes of an import, as they come and decoded. */
export const MAX_IMPORT_BYTES = 256 * 2 ** 20
export const OTHER_IMPORT =
  'Another import is under way here, and one at a time is taken in. Nothing was changed. Try again later.'

const ndjsonExample = `${JSON.stringify({ id: 7, ...content })}\n`
const csvExample =
  'id,name,target,campaign,labels,passQuery,isActive,activeFrom,activeUntil\r\n' +
  '7,Autumn sale,https://shop.example/autumn,autumn,mobile|wide,utm_source,true,,2026-12-01T00:00:00Z\r\n'

const ndjson = {
  schema: Joi.string().allow('').description('A banner in JSON in each line.'),
  examples: { one: { value: ndjsonExample } },
}
const csv = {
  schema: Joi.string().description(
    'RFC 4180: a header line with the names of the columns, then a banner in each line. Labels, and names in ' +
      'passQuery, have `|` between them.',
  ),
  examples: { one: { value: csvExample } },
}

function filter(name: string, description: string, schema: Schema, value: unknown): Parameter {
  return { name, in: 'query', required: false, description, schema, examples: { one: { value } } }
}

export const listBanners: Operation = {
  operationId: 'listBanners',
  access: 'read',
  tags: ['Banners'],
  summary: 'Banners: a page in JSON, or all of them in NDJSON or CSV',
  description:
    'In JSON it is a page, ascending by id. Banners that come and go meanwhile are neither left out of the next page ' +
    'nor repeated in it. When `Accept` prefers NDJSON or CSV, it is the whole list, as a stream that an import takes, ' +
    'without `limit` and `after`; a banner that is changed meanwhile is in it as it was, or as it became.',
  parameters: [
    ...pageParameters,
    filter('q', 'Those with this in their name, whatever the case.', Joi.string(), 'sale'),
    filter('campaign', 'Those of this campaign.', Joi.string(), 'autumn'),
    filter('label', 'Those with this label.', Joi.string(), 'mobile'),
    filter('active', 'Those that are active now, or are not.', Joi.boolean(), true),
  ],
  responses: {
    200: {
      description: 'The banners.',
      headers: {
        'Cache-Control': noStore,
        Vary: varyAccept,
        'Content-Disposition': {
          description: 'A file name, with NDJSON and CSV.',
          required: false,
          schema: Joi.string().pattern(/^attachment; filename="banners\.(ndjson|csv)"$/),
        },
      },
      content: {
        'application/json': {
          schema: bannerListAnswer,
          examples: { one: { value: { banners: [banner], next: null } } },
        },
        'application/x-ndjson': ndjson,
        'text/csv': csv,
      },
    },
    400: wrong(
      'there is no parameter "lable" (did you mean label?): there are limit, after, q, campaign, label and active',
    ),
    406: documentedError(406, 'The Accept header allows none of the formats.', notAcceptable(BANNER_TYPES), {
      Vary: varyAccept,
    }),
    503: unavailable,
  },
}

export const importBanners: Operation = {
  operationId: 'importBanners',
  access: 'manage',
  tags: ['Banners'],
  summary: 'Registers and replaces many banners, all or nothing',
  description:
    `Each one is a whole banner, as with PUT. Banners that are not named stay. The body has at most ${MAX_IMPORT_BYTES} ` +
    'bytes, also decoded. It may take minutes to arrive, at 128 kbit/s at least. Each thread of the service takes one ' +
    'import at a time.',
  parameters: [filter('preview', '`true`: only say what would become of it.', Joi.boolean(), true)],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: { type: 'array', items: importedBannerSchema },
        examples: { one: { value: [{ id: 7, ...content }] } },
      },
      'application/x-ndjson': ndjson,
      'text/csv': csv,
    },
  },
  responses: {
    200: good('All of it is in force on this instance, on all others within 2 s.', importAnswer, {
      created: 1,
      changed: 0,
      unchanged: 2,
      sample: [{ id: 7, before: null, after: content }],
    }),
    400: wrong('line 17: "target" must begin with https:// or http:// and a host'),
    413: documentedTooLong(MAX_IMPORT_BYTES),
    415: documentedUnsupported(UNSUPPORTED),
    503: documentedUnavailable('Postgres cannot be reached, or another import is under way.', OTHER_IMPORT),
  },
}
