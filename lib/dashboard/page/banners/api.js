/** @import { Banner, BannerPage, ChangesPage, ImportReport, Sums } from './types.d.ts' */

const TIMEOUT_MS = 15_000
const JSON_TYPE = { 'content-type': 'application/json' }

/** The service has refused a request, or did not answer it. The message is for the reader. */
export class Refused extends Error {
  /** @param {number} status of HTTP; 0: there was no answer @param {string} message */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

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
    method: 'PUT',
    headers: { ...JSON_TYPE, 'if-none-match': '*' },
    body: JSON.stringify(content),
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
    method: 'PATCH',
    headers: { ...JSON_TYPE, ...ifMatch(version) },
    body: JSON.stringify(change),
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
  const body = JSON.stringify(question)
  return ask('stats', { method: 'POST', headers: JSON_TYPE, body, signal: withTimeout(signal) })
}

/**
 * The JSON that answers a request; null where the answer has no body. Rejects with Refused, or when `signal` aborts.
 * @param {string} address
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
export async function ask(address, options) {
  const response = await request(address, options)
  if (response.status === 204) return null
  return readAnswer(response.json(), options)
}

/**
 * The file that answers a request, as a whole.
 * @param {string} address
 * @param {RequestInit} options
 * @returns {Promise<Blob>}
 */
export async function askForFile(address, options) {
  const response = await request(address, options)
  return readAnswer(response.blob(), options)
}

/** @param {string} address @param {RequestInit} options */
async function request(address, options) {
  const response = await readAnswer(fetch(address, { cache: 'no-store', ...options }), options)
  if (response.ok) return response
  // A proxy's page is no JSON.
  const answer = /** @type {{ message?: string }} */ (await response.json().catch(() => ({})))
  throw new Refused(
    response.status,
    answer.message ?? `The service answered with ${response.status}. Try again later.`,
  )
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @param {RequestInit} options
 */
async function readAnswer(answer, { signal }) {
  try {
    return await answer
  } catch (error) {
    const isGivenUp = signal?.aborted && signal.reason?.name !== 'TimeoutError'
    throw isGivenUp
      ? error
      : new Refused(0, 'The service did not answer, or its answer broke off. Try again later.')
  }
}

/** @param {AbortSignal} [signal] */
function withTimeout(signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}

/** @param {string | null} version @returns {Record<string, string>} */
function ifMatch(version) {
  return version === null ? {} : { 'if-match': `"${version}"` }
}
