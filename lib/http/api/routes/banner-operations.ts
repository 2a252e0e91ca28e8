import Joi from '@hapi/joi'
import { bannerChangeSchema, bannerSchema } from '../../../banners/banner-schema.ts'
import { bannerAnswer, bannerChangesAnswer } from '../banners/answers.ts'
import {
  banner,
  changedMeanwhile,
  content,
  etag,
  good,
  ifMatch,
  ifNewer,
  ifNoneMatch,
  pageParameters,
  unavailable,
  unknown,
  unsupported,
  wrong,
} from '../banners/documented.ts'
import { documentedTooLong, noStore } from '../operations/documented-answers.ts'
import type { Examples, Operation, Schema } from '../operations/operation.ts'
import { bannerIdParameter } from '../operations/parameters.ts'

/** Bytes of a body with one banner: room for the longest texts with each character as an escape of JSON. */
export const MAX_BANNER_BYTES = 65_536

const tooLong = documentedTooLong(MAX_BANNER_BYTES)

function body(schema: Schema, examples: Examples) {
  const json = { 'application/json': { schema, examples } }
  return { description: `At most ${MAX_BANNER_BYTES} bytes.`, required: true, content: json }
}

const IN_FORCE =
  'With the answer it is in force on this instance, on all others within 2 s. What changes nothing leaves the version ' +
  'as it was.'

export const readBanner: Operation = {
  operationId: 'readBanner',
  access: 'read',
  tags: ['Banners'],
  summary: 'A banner',
  parameters: [bannerIdParameter, ifMatch, ifNewer],
  responses: {
    200: good('The banner.', bannerAnswer, banner, { ETag: etag }),
    304: {
      description: 'It is still the version that If-None-Match names.',
      headers: { ETag: etag, 'Cache-Control': noStore },
    },
    400: wrong('there is no parameter "limit": there is none here'),
    404: unknown,
    412: changedMeanwhile,
    503: unavailable,
  },
}

export const putBanner: Operation = {
  operationId: 'putBanner',
  access: 'manage',
  tags: ['Banners'],
  summary: 'Registers a banner, or replaces it',
  description: `What is left out gets its default. ${IN_FORCE}`,
  parameters: [bannerIdParameter, ifMatch, ifNoneMatch],
  requestBody: body(bannerSchema, {
    whole: { value: content },
    least: { summary: 'As little as may be', value: { name: 'Autumn sale' } },
  }),
  responses: {
    200: good('There was one, and it is replaced.', bannerAnswer, banner, { ETag: etag }),
    201: good('It is registered.', bannerAnswer, banner, {
      ETag: etag,
      Location: {
        description: 'Its address, relative to that of the request.',
        required: true,
        schema: Joi.string().pattern(/^\.\.\/banners\/\d+$/),
      },
    }),
    400: wrong('the target must begin with https:// or http:// and a host'),
    412: changedMeanwhile,
    413: tooLong,
    415: unsupported,
    503: unavailable,
  },
}

export const changeBanner: Operation = {
  operationId: 'changeBanner',
  access: 'manage',
  tags: ['Banners'],
  summary: 'Changes fields of a banner',
  description: `What is left out stays, and \`null\` empties a field that may be empty. ${IN_FORCE}`,
  parameters: [bannerIdParameter, ifMatch],
  requestBody: body(bannerChangeSchema, {
    stop: { summary: 'No more redirects', value: { isActive: false } },
    empty: { summary: 'Without a campaign', value: { campaign: null } },
  }),
  responses: {
    200: good('The whole banner.', bannerAnswer, banner, { ETag: etag }),
    400: wrong('"activeFrom" must be before "activeUntil": else the banner would never be active'),
    404: unknown,
    412: changedMeanwhile,
    413: tooLong,
    415: unsupported,
    503: unavailable,
  },
}

export const deleteBanner: Operation = {
  operationId: 'deleteBanner',
  access: 'manage',
  tags: ['Banners'],
  summary: 'Deletes a banner',
  description: 'Its clicks and what is known of its changes stay.',
  parameters: [bannerIdParameter, ifMatch],
  responses: {
    204: { description: 'It is deleted.', headers: { 'Cache-Control': noStore } },
    400: wrong('there is no parameter "force": there is none here'),
    404: unknown,
    412: changedMeanwhile,
    413: tooLong,
    503: unavailable,
  },
}

export const listBannerChanges: Operation = {
  operationId: 'listBannerChanges',
  access: 'read',
  tags: ['Banners'],
  summary: 'What became of a banner: who changed what, and when',
  description: 'Also of one that was deleted.',
  parameters: [bannerIdParameter, ...pageParameters],
  responses: {
    200: good('Its changes.', bannerChangesAnswer, {
      changes: [
        {
          revision: 12,
          at: banner.updatedAt,
          by: banner.updatedBy,
          before: { isActive: false },
          after: { isActive: true },
        },
      ],
      next: null,
    }),
    400: wrong('limit is "0": it must be a whole number from 1 to 1000'),
    404: unknown,
    503: unavailable,
  },
}
