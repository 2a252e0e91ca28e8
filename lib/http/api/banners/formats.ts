import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type { BannerFormat } from '../../../../db/banners/banner-format.ts'

/** The media types of a list of banners. */
export const BANNER_TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const
export type BannerType = (typeof BANNER_TYPES)[number]

const FORMATS: Readonly<Record<BannerType, BannerFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
}
const UTF_8 = /^utf-?8$/i
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

export const UNSUPPORTED = `the body must be of type ${BANNER_TYPES.slice(0, -1).join(', ')} or ${BANNER_TYPES.at(-1)}`

export function formatOf(type: BannerType): BannerFormat {
  return FORMATS[type]
}

/** The format of the request's body, which Hapi has found to be one of them. Throws 415 when it is not UTF-8. */
export function bodyFormat({ mime, raw }: Request): BannerFormat {
  const charset = CHARSET.exec(raw.req.headers['content-type']!)?.[1] ?? 'utf-8'
  if (!UTF_8.test(charset))
    throw Boom.unsupportedMediaType('the body must be in UTF-8: save the file with that encoding')
  return formatOf(mime as BannerType)
}
