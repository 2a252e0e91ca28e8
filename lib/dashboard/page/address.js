/** @import { Address, View } from './types.d.ts' */
import { isZone } from './clock.js'

/** The first view has no name. */
const FIRST = 'overview'
const NAMED = /^#\/(live|banners?|fleet)?(?:\?(.*))?$/

/**
 * What the address says, such as #/live?zone=utc or #/banners?q=sale. Addresses that are older than the views have no
 * name: those of a banner's clicks, such as #banner=1&range=hour, lead to the view Banner.
 * @param {string} hash
 * @returns {Address}
 */
export function readAddress(hash) {
  const named = NAMED.exec(hash)
  const values = new URLSearchParams(named === null ? hash.replace(/^#/, '') : named[2])
  const old = values.has('banner') ? 'banner' : FIRST
  const wanted = values.get('zone') ?? ''
  const zone = wanted === 'utc' || isZone(wanted) ? wanted : 'local'
  values.delete('zone')
  const view = /** @type {View} */ (named === null ? old : (named[1] ?? FIRST))
  return { view, zone, values }
}

/** The hash of an address. @param {Address} address */
export function writeAddress({ view, zone, values }) {
  const all = new URLSearchParams(values)
  if (zone !== 'local') all.set('zone', zone)
  const query = all.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')
  const name = view === FIRST ? '' : view
  return query === '' ? `#/${name}` : `#/${name}?${query}`
}
