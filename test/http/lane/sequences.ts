import { seededRandom } from '../../support/random.ts'
import { CLICK, FOLLOWED_PATH, HOST, LAST_CHUNK, PATH } from './corpus/parts.ts'
import type { Script } from './exchange.ts'

const MOST_REQUESTS = 5
const MOST_CUTS = 4

const METHODS = ['GET', 'POST', 'POST', 'POST', 'PUT', 'DELETE'] as const
const PATHS = [
  ...[PATH, PATH, PATH, `${PATH}.gif`, '/counter/0', `${PATH}?a=b`],
  ...[FOLLOWED_PATH, `${FOLLOWED_PATH}?a=b`, '/click/12', '/click/15'],
]
/**
 * Not for GET: without the lane, a GET that has a body and a path without GET gets 404 or, for a mistake in its
 * body, 400. It depends on which comes first.
 */
const OTHER_PATHS = [...PATHS, `${PATH}/2`]
const FIELDS = [
  'Accept: text/html',
  'A: b',
  'Origin: https://shop.example',
  'Connection: keep-alive',
  'Content-Type: text/plain',
  'User-Agent: Mozilla/5.0',
  'User-Agent: Googlebot',
  'X-Forwarded-For: 192.0.2.1',
]
const RARE_FIELDS = [
  ...['Connection: close', 'Expect: 100-continue', 'Origin: null', 'Purpose: prefetch', 'Trailer: A'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', 'Content-Length: 0', 'Content-Length: 7'],
  ...[
    'Authorization: Bearer a',
    'User-Agent: \xa0',
    'X-Forwarded-For: _hidden',
    'X-Forwarded-For: d00d:f00d::1',
  ],
]
/** Ways to say a length. Most of them are right. */
const LENGTHS: readonly ((bytes: number) => string)[] = [
  ...Array(8).fill((bytes: number) => `Content-Length: ${bytes}`),
  bytes => `content-length:${bytes}`,
  bytes => `Content-Length:\t${bytes}`,
  bytes => `Content-Length: ${bytes} `,
  bytes => `Content-Length: 0${bytes}`,
  bytes => `Content-Length: +${bytes}`,
  bytes => `Content-Length: ${bytes}, ${bytes}`,
  bytes => `Content-Length: ${bytes}\r\nContent-Length: ${bytes}`,
  bytes => `Content-Length: ${bytes + 1}`,
  bytes => `Content-Length: ${Math.max(0, bytes - 1)}`,
  bytes => `Content-Length: ${bytes + CLICK.length}`,
  bytes => `Content-Length: ${bytes}\r\nTransfer-Encoding: chunked`,
  () => 'A: b',
]

/**
 * Requests one behind the other, most of them with bodies, in which there are requests; in up to five pieces.
 * The same seed gives the same ones.
 */
export function sequences(count: number, seed: number): Script[] {
  const random = seededRandom(seed)
  const oneOf = <Item>(items: readonly Item[]): Item => items[random(items.length)]!
  const isRare = () => random(12) === 0

  function body(): string {
    const other = () => request(random(2) === 0)
    const parts = [
      ...[() => '', () => 'x'.repeat(random(600)), () => CLICK, () => CLICK.repeat(3), other],
      ...[() => other().slice(random(40)), () => other().slice(0, -1 - random(20)), () => '\r\n\r\n'],
      ...[() => LAST_CHUNK, () => `3\r\nabc\r\n${LAST_CHUNK}${CLICK}`, () => '\0\xff\r'],
    ]
    return oneOf(parts)() + (isRare() ? oneOf(parts)() : '')
  }

  function request(hasBody = true): string {
    const method = oneOf(METHODS)
    const content = method === 'GET' || !hasBody ? '' : body()
    const fields = [HOST.trim(), ...FIELDS.filter(() => random(3) === 0)]
    if (content !== '' || random(4) === 0) fields.push(oneOf(LENGTHS)(content.length))
    if (isRare()) fields.push(oneOf(RARE_FIELDS))
    fields.sort(() => random(3) - 1)
    return [
      `${method} ${oneOf(method === 'GET' ? PATHS : OTHER_PATHS)} HTTP/1.1`,
      ...fields,
      '',
      content,
    ].join('\r\n')
  }

  return Array.from({ length: count }, (_, index): Script => {
    const text = Array.from({ length: 1 + random(MOST_REQUESTS) }, () => request()).join('')
    const cuts = new Set(Array.from({ length: random(MOST_CUTS + 1) }, () => 1 + random(text.length - 1)))
    return { name: `sequence ${index} of seed ${seed}`, text, cuts: [...cuts].sort((a, b) => a - b) }
  })
}
