/** @import { Address, View } from './types.d.ts' */
import { isZone } from './clock.js'

const NAMED = /^#\/(live|banners?)(?:\?(.*))?$/

/** What the address of Live was while it had a form for a banner's clicks. */
const OLD_QUESTION = /^#banner=/

/**
 * What the address says, such as #/live?zone=utc or #/banners?q=sale. Old ones, such as #banner=1&range=hour, lead to
 * the view Banner.
 * @param {string} hash
 * @returns {Address}
 */
export function readAddress(hash) {
  const unnamed = ['', OLD_QUESTION.test(hash) ? 'banner' : 'live', hash.replace(/^#/, '')]
  const [, view = 'live', query = ''] = NAMED.exec(hash) ?? unnamed
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
