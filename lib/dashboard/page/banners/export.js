/** @import { Filters } from './types.d.ts' */

import { askForFile } from '../ask.js'
import { download } from '../download.js'
import { exportQuery } from './filters.js'

const ENDINGS = { 'text/csv': 'csv', 'application/x-ndjson': 'ndjson' }

/**
 * Downloads all banners that the filters let through, on whichever page they are. Rejects with Refused.
 * @param {Filters} filters
 * @param {keyof typeof ENDINGS} type
 */
export async function downloadBanners(filters, type) {
  // No time-out: a million banners take a while.
  const file = await askForFile(`banners?${exportQuery(filters)}`, { headers: { accept: type } })
  download(file, `banners.${ENDINGS[type]}`)
}
