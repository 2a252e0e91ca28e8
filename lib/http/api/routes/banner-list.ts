import { bannerBody } from '../../../banners/banner-schema.ts'
import { type BannerRoutesOptions, fromStore } from '../banners/calls.ts'
import { FILTERS, readFilter } from '../banners/filter.ts'
import type { Route } from '../operations/operation.ts'
import { cutPage, readPage } from '../page-query.ts'
import { readQuery } from '../query.ts'
import { listBanners } from './banner-list-operations.ts'

/** GET /banners: a page of them. */
export function bannerListRoute({ bannerStore }: BannerRoutesOptions): Route {
  return {
    method: 'GET',
    path: '/banners',
    options: { plugins: { operation: listBanners } },
    handler: async (request, h) => {
      const query = readQuery(request, ['limit', 'after', ...FILTERS])
      const page = readPage(query)
      const read = bannerStore.list({ ...readFilter(query), limit: page.limit + 1, after: page.after ?? 0 })
      const { entries, next } = cutPage(await fromStore(request, read), page, ({ id }) => id)
      return h.response({ banners: entries.map(bannerBody), next }).header('cache-control', 'no-store')
    },
  }
}
