/** @import { Address, View } from './types.d.ts' */

/** Live has no name: its addresses are older than the other views. */
const NAMED = /^#\/(banners)(?:\?(.*))?$/

/**
 * What the address says, such as #banner=1&zone=utc or #/banners?q=sale.
 * @param {string} hash
 * @returns {Address}
 */
export function readAddress(hash) {
  const [, view = 'live', query = ''] = NAMED.exec(hash) ?? ['', 'live', hash.replace(/^#/, '')]
  const values = new URLSearchParams(query)
  const zone = values.get('zone') === 'utc' ? 'utc' : 'local'
  values.delete('zone')
  return { view: /** @type {View} */ (view), zone, values }
}

/** The hash of an address. @param {Address} address */
export function writeAddress({ view, zone, values }) {
  const all = new URLSearchParams(values)
  if (zone === 'utc') all.set('zone', zone)
  const query = all.toString().replaceAll('%3A', ':')
  if (view === 'live') return `#${query}`
  return query === '' ? `#/${view}` : `#/${view}?${query}`
}
