/** @import { Address, View } from './types.d.ts' */
import { isZone } from './clock.js'

const NAMED = /^#\/(live|banners?)(?:\?(.*))?$/

/**
 * What the address says, such as #/live?zone=utc or #/banners?q=sale. Addresses of Live that are older than the other
 * views have no name, such as #banner=1.
 * @param {string} hash
 * @returns {Address}
 */
export function readAddress(hash) {
  const [, view = 'live', query = ''] = NAMED.exec(hash) ?? ['', 'live', hash.replace(/^#/, '')]
  const values = new URLSearchParams(query)
  const named = values.get('zone') ?? ''
  const zone = named === 'utc' || isZone(named) ? named : 'local'
  values.delete('zone')
  return { view: /** @type {View} */ (view), zone, values }
}

/** The hash of an address. @param {Address} address */
export function writeAddress({ view, zone, values }) {
  const all = new URLSearchParams(values)
  if (zone !== 'local') all.set('zone', zone)
  const query = all.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
  return query === '' ? `#/${view}` : `#/${view}?${query}`
}
