/**
 * A strict reader of one request by RFC 9112, byte by byte and without regular expressions: what the hot
 * lane's is held against. Reads what follows the request line of any request without a body.
 */

const TCHAR = new Set(
  bytesOf("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
)
/** pchar, "/" and "?" of RFC 3986: what a query consists of. */
const QUERY = new Set(
  bytesOf("!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"),
)
const DIGITS = new Set(bytesOf('0123456789'))

interface ReadRequest {
  readonly id: string
  /** In the order of their arrival, names in lower case, values without the white space around them. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly end: number
}

/** The request for a counter that starts at `start`, or null: it is another one, or none, or not all there. */
export function readRequest(bytes: Uint8Array, start: number): ReadRequest | null {
  let position = start
  const take = (expected: string) => {
    for (const byte of bytesOf(expected)) if (bytes[position++] !== byte) return false
    return true
  }
  const takeAll = (allowed: (byte: number) => boolean) => {
    const from = position
    while (position < bytes.length && allowed(bytes[position]!)) position++
    return String.fromCharCode(...bytes.subarray(from, position))
  }
  if (!take('GET /counter/')) return null
  const id = takeAll(byte => DIGITS.has(byte))
  if (bytes[position] === '?'.charCodeAt(0)) {
    position++
    takeAll(byte => QUERY.has(byte))
  }
  if (!take(' HTTP/1.1\r\n')) return null
  const fields: [string, string][] = []
  while (bytes[position] !== '\r'.charCodeAt(0)) {
    const name = takeAll(byte => TCHAR.has(byte))
    if (name === '' || !take(':')) return null
    const value = takeAll(isFieldByte)
    if (!take('\r\n')) return null
    fields.push([name.toLowerCase(), trim(value)])
  }
  return take('\r\n') ? { id, fields, end: position } : null
}

/** VCHAR, obs-text, space and tab. */
function isFieldByte(byte: number): boolean {
  return byte === 9 || (byte >= 32 && byte !== 127)
}

/** Of spaces and tabs alone. */
function trim(value: string): string {
  let [from, to] = [0, value.length]
  while (from < to && ' \t'.includes(value[from]!)) from++
  while (from < to && ' \t'.includes(value[to - 1]!)) to--
  return value.slice(from, to)
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
