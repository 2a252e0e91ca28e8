import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { readImport } from '../../../../db/banners/import/read-import.ts'
import type { Spool } from '../../../../db/banners/import/spool.ts'
import type { ImportSummary } from '../../../../db/banners/import-banners.ts'
import { unavailable } from '../../entrance/unavailable.ts'
import { type BannerRoutesOptions, callerOf, change, fromStore } from '../banners/calls.ts'
import { readFlag } from '../banners/filter.ts'
import { BANNER_TYPES, bodyFormat, UNSUPPORTED } from '../banners/formats.ts'
import { readLong, unreadLong } from '../long-body.ts'
import type { Route } from '../operations/operation.ts'
import { readQuery } from '../query.ts'
import { RETRY_AFTER_SECONDS } from '../without-database.ts'
import { importBanners, MAX_IMPORT_BYTES, OTHER_IMPORT } from './banner-list-operations.ts'

/** How long a client may wait for the answer once its body has come. Other answers have 30 s. */
const MAX_WAIT_MS = 600_000

const PAYLOAD = unreadLong(MAX_IMPORT_BYTES, BANNER_TYPES, () => {
  throw Boom.unsupportedMediaType(UNSUPPORTED)
})

/**
 * POST /banners: many banners, all or nothing. One import at a time: each holds a file in `directory`, a connection and
 * a lock.
 */
export function bannerImportRoute(options: BannerRoutesOptions, directory: string): Route {
  let isImporting = false
  return {
    method: 'POST',
    path: '/banners',
    options: { payload: PAYLOAD, plugins: { operation: importBanners } },
    handler: async (request, h) => {
      const summary = await readLong(request, MAX_IMPORT_BYTES, async pieces => {
        const isPreview = readFlag('preview', readQuery(request, ['preview']).preview) ?? false
        if (isImporting) throw unavailable(OTHER_IMPORT, RETRY_AFTER_SECONDS)
        isImporting = true
        try {
          await using spool = await checkedBanners(pieces, request, directory)
          return await importSpool(spool, request, isPreview, options)
        } finally {
          isImporting = false
        }
      })
      return h.response(summary).header('cache-control', 'no-store')
    },
  }
}

/** All of them are read and checked before Postgres is asked. So a slow client holds no connection and no lock there. */
function checkedBanners(pieces: AsyncIterable<Buffer>, request: Request, directory: string): Promise<Spool> {
  return fromStore(request, readImport(pieces, bodyFormat(request), directory))
}

async function importSpool(
  spool: Spool,
  request: Request,
  isPreview: boolean,
  options: BannerRoutesOptions,
): Promise<ImportSummary> {
  const { res } = request.raw
  const leaving = new AbortController()
  res.once('close', () => leaving.abort(new Error('the connection is closed')))
  // No byte moves until the answer.
  res.setTimeout(MAX_WAIT_MS)
  const by = await callerOf(request, options)
  const imported = options.bannerStore.importAll(spool, { by, isPreview, signal: leaving.signal })
  return await (isPreview ? fromStore(request, imported) : change(request, imported, options))
}
