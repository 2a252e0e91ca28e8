/**
 * A strict reader of one request by RFC 9112, byte by byte and without regular expressions: what the hot
 * lane's is held against.
 */

const TCHAR = new Set(
  bytesOf("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
)
/** pchar and "/" of RFC 3986, without percent signs: what a path consists of that need not be decoded. */
const PATH = new Set(
  bytesOf("!$&'()*+,-./0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"),
)
/** What a query consists of. */
const QUERY = new Set([...PATH, ...bytesOf('?%')])
const DIGITS = new Set(bytesOf('0123456789'))

interface ReadRequest {
  readonly method: string
  readonly path: string
  /** Behind the question mark. */
  readonly query: string
  /** In the order of their arrival, names in lower case, values without the white space around them. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The index behind its last byte, which may be beyond what has come. */
  readonly end: number
}

/**
 * The request that starts at `start`. null: it is none with a path that need not be decoded, or its head is
 * not all there, or where its body ends is a matter of opinion.
 */
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
  const method = takeAll(byte => TCHAR.has(byte))
  if (!take(' ')) return null
  const path = takeAll(byte => PATH.has(byte))
  let query = ''
  if (bytes[position] === '?'.charCodeAt(0)) {
    position++
    query = takeAll(byte => QUERY.has(byte))
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
  if (!take('\r\n')) return null
  const length = lengthOf(fields)
  return length === null ? null : { method, path, query, fields, end: position + length }
}

/** Of the body. null: there may be several opinions. */
function lengthOf(fields: readonly (readonly [name: string, value: string])[]): number | null {
  const [length = '0', ...more] = fields
    .filter(([name]) => name === 'content-length')
    .map(([, value]) => value)
  const isPlain = length !== '' && [...bytesOf(length)].every(byte => DIGITS.has(byte))
  if (more.length > 0 || !isPlain || (length !== '0' && length.startsWith('0'))) return null
  return Number(length)
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
