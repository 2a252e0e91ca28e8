import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import { exportText } from '../../../../db/banners/export-banners.ts'
import { bannerBody } from '../../../banners/banner-schema.ts'
import { chooseType } from '../accept.ts'
import { type BannerRoutesOptions, fromStore } from '../banners/calls.ts'
import { FILTERS, readFilter } from '../banners/filter.ts'
import { BANNER_TYPES, type BannerType, formatOf } from '../banners/formats.ts'
import type { Route } from '../operations/operation.ts'
import { cutPage, readPage } from '../page-query.ts'
import { readQuery } from '../query.ts'
import { listBanners } from './banner-list-operations.ts'

/** GET /banners: a page of them, or all of them as a file. */
export function bannerListRoute(options: BannerRoutesOptions): Route {
  return {
    method: 'GET',
    path: '/banners',
    options: { plugins: { operation: listBanners } },
    handler: async (request, h) => {
      const type = chooseType(request.raw.req.headers.accept, BANNER_TYPES)
      const answer = await (type === 'application/json'
        ? answerPage(request, h, options)
        : answerAll(request, h, options, type))
      return answer.vary('accept').header('cache-control', 'no-store')
    },
  }
}

async function answerPage(
  request: Request,
  h: ResponseToolkit,
  { bannerStore }: BannerRoutesOptions,
): Promise<ResponseObject> {
  const query = readQuery(request, ['limit', 'after', ...FILTERS])
  const page = readPage(query)
  const read = bannerStore.list({ ...readFilter(query), limit: page.limit + 1, after: page.after ?? 0 })
  const { entries, next } = cutPage(await fromStore(request, read), page, ({ id }) => id)
  return h.response({ banners: entries.map(bannerBody), next })
}

/**
 * A page at a time, as the client reads. Between two pages it holds no connection and no snapshot, so it needs no place
 * of a long answer, and may take as long as it is read.
 */
async function answerAll(
  request: Request,
  h: ResponseToolkit,
  { bannerStore }: BannerRoutesOptions,
  type: Exclude<BannerType, 'application/json'>,
): Promise<ResponseObject> {
  const { limit, after, ...query } = readQuery(request, ['limit', 'after', ...FILTERS])
  if (limit !== undefined || after !== undefined)
    throw Boom.badRequest(`limit and after are for pages in JSON: leave them out, ${type} has all banners`)
  const pieces = exportText(bannerStore.exportAll(readFilter(query)), formatOf(type))
  // The answer's status is sent with its first piece. Until then a failure can still be a 503.
  const head = await fromStore(request, pieces.next())
  const body = Readable.from(pieces, { objectMode: false })
  body.unshift(head.value!)
  return h
    .response(body)
    .type(`${type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="banners.${formatOf(type)}"`)
}
