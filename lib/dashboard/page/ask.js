const TIMEOUT_MS = 15_000

/** The service has refused a request, or did not answer it. The message is for the reader. */
export class Refused extends Error {
  /** @param {number} status of HTTP; 0: there was no answer @param {string} message */
  constructor(status, message) {
    super(message)
    this.status = status
  }
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
 * The JSON that answers a question about clicks. Rejects as ask() does.
 * @param {string} address
 * @param {object} question
 * @param {AbortSignal} signal
 */
export function askForClicks(address, question, signal) {
  return ask(address, { ...jsonRequest('POST', question), signal: withTimeout(signal) })
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

/**
 * A request with a body.
 * @param {'POST' | 'PUT' | 'PATCH'} method
 * @param {object} content
 * @param {Record<string, string>} [headers]
 */
export function jsonRequest(method, content, headers = {}) {
  return {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(content),
  }
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

/** A signal that also aborts when an answer takes too long. @param {AbortSignal} [signal] */
export function withTimeout(signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout])
}
