/** @import { Banner, BannerPage, ChangesPage, ImportReport, Sums } from './types.d.ts' */
import { ask, askForClicks, jsonRequest, withTimeout } from '../ask.js'

/**
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 * @returns {Promise<BannerPage>}
 */
export function listBanners(query, signal) {
  return ask(`banners?${query}`, { signal: withTimeout(signal) })
}

/** @param {number} id @returns {Promise<Banner>} */
export function readBanner(id) {
  return ask(`banners/${id}`, { signal: withTimeout() })
}

/**
 * Registers a banner; refused with 412 when there is one of this id.
 * @param {string} id as it was typed
 * @param {object} content
 * @returns {Promise<Banner>}
 */
export function addBanner(id, content) {
  return ask(`banners/${encodeURIComponent(id || ' ')}`, {
    ...jsonRequest('PUT', content, { 'if-none-match': '*' }),
    signal: withTimeout(),
  })
}

/**
 * Changes some fields.
 * @param {number} id
 * @param {object} change
 * @param {string | null} version refused with 412 when the banner has another one; null: whatever it has
 * @returns {Promise<Banner>}
 */
export function changeBanner(id, change, version) {
  return ask(`banners/${id}`, {
    ...jsonRequest('PATCH', change, ifMatch(version)),
    signal: withTimeout(),
  })
}

/** @param {number} id @param {string} version refused with 412 when the banner has another one */
export function deleteBanner(id, version) {
  return ask(`banners/${id}`, { method: 'DELETE', headers: ifMatch(version), signal: withTimeout() })
}

/**
 * Takes in a file, or only says what would become of it. Without a time-out: a large one takes a while to arrive.
 * @param {File} file
 * @param {string} type
 * @param {{ isPreview: boolean, signal?: AbortSignal }} options
 * @returns {Promise<ImportReport>}
 */
export function importBanners(file, type, { isPreview, signal }) {
  const headers = { 'content-type': type }
  return ask(`banners${isPreview ? '?preview=true' : ''}`, {
    method: 'POST',
    headers,
    body: file,
    ...(signal ? { signal } : {}),
  })
}

/**
 * What became of a banner, the newest first.
 * @param {number} id
 * @param {string | null} after the cursor of older changes
 * @returns {Promise<ChangesPage>}
 */
export function listChanges(id, after) {
  const query = new URLSearchParams({ limit: '20', ...(after === null ? {} : { after }) })
  return ask(`banners/${id}/changes?${query}`, { signal: withTimeout() })
}

/**
 * The sums of some banners over a range.
 * @param {{ ids: readonly number[], from: string, to: string }} question
 * @param {AbortSignal} signal
 * @returns {Promise<Sums>}
 */
export function readSums(question, signal) {
  return askForClicks('stats', question, signal)
}

/** @param {string | null} version @returns {Record<string, string>} */
function ifMatch(version) {
  return version === null ? {} : { 'if-match': `"${version}"` }
}
