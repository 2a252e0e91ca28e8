/** Limits that keep slow or hostile clients from holding a thread's connections. */

/**
 * From the first byte of a request to the end of its head. A connection's first byte has as long. When it does not come,
 * the connection is closed without an answer: a browser may just be sending a click on it, would take 408 for the
 * click's answer, and sends it again if there is none.
 */
export const HEADERS_TIMEOUT_MS = 5000
/** From the first byte of a request to its last. */
export const REQUEST_TIMEOUT_MS = 8000
/** A long body may take longer than that, while it brings so much on average: 128 kbit/s. */
export const LONG_BODY_BYTES_PER_SECOND = 16 * 1024
/** Between an answer and the next request. */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000
/**
 * Without a byte within a request or an answer, such as a year of minutes that the client does not read. In the
 * lane: from the last answer until all answers have left, however steadily the client reads.
 */
export const IDLE_TIMEOUT_MS = 30_000
/** How long a connection is read after its last answer. */
export const LINGER_MS = 1000
/** Request line and header fields. As much as nginx takes: a browser may hold several cookies of 4 KB. */
export const MAX_HEADER_BYTES = 32 * 1024
/**
 * Of a body that is too long, this much is read: a connection that is closed with an unread body may lose the
 * answer.
 */
export const MAX_READ_BYTES = 2 ** 20
/**
 * Requests that a thread has in hand at Hapi, without the light ones; one client alone may have half of them.
 * Each may hold a body of MAX_READ_BYTES, or a compressor, half a megabyte.
 */
export const REQUEST_PLACES = 128
/** Requests of one connection at a time. One of 60 bytes may hold a compressor, half a megabyte. */
export const MOST_UNANSWERED = 10
