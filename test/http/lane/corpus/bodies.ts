import { CLICK, GET, type Group, HEAD, HOST, LAST_CHUNK, PATH, POST } from './parts.ts'

/** Requests with a body: beacons, and what is refused and has one all the same. */

/** Nothing else in the corpus clicks its banner. */
const HIDDEN = `GET /counter/666 HTTP/1.1\r\n${HOST}\r\n`
const ORIGIN = 'Origin: https://shop.example\r\n'

function lengthOf(body: string): string {
  return `Content-Length: ${body.length}\r\n`
}

/** A beacon with this body, and a click behind it. */
function beacon(body: string, fields = ''): string {
  return `${POST}${fields}${lengthOf(body)}\r\n${body}${CLICK}`
}

const contents: Group = {
  'a click': beacon(HIDDEN),
  'three clicks': beacon(HIDDEN.repeat(3)),
  'half a click': beacon(HIDDEN.slice(0, 30)),
  'a beacon': beacon(`POST /counter/666 HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`),
  'the rest of a head': beacon(`Content-Length: 0\r\n\r\n${HIDDEN}`),
  'an empty line': beacon('\r\n\r\n'),
  'line ends': beacon('\r\n'.repeat(100)),
  'a last chunk': beacon(`${LAST_CHUNK}${HIDDEN}`),
  'all bytes': beacon(String.fromCharCode(...Array(256).keys())),
  NULs: beacon('\0'.repeat(10)),
  'bytes that are no UTF-8': beacon('\xff\xfe\xc3'),
  '50 bytes': beacon('x'.repeat(50)),
  '500 bytes': beacon('x'.repeat(500)),
  '65 536 bytes': beacon('x'.repeat(65_536)),
  '65 537 bytes': beacon('x'.repeat(65_537)),
  'clicks of 60 000 bytes': beacon(HIDDEN.repeat(1500)),
}

const places: Group = {
  'a length before Host': `POST ${PATH} HTTP/1.1\r\nContent-Length: 3\r\n${HOST}\r\nabc${CLICK}`,
  'a length between Host and Origin': beacon('abc', '').replace('\r\n\r\n', `\r\n${ORIGIN}\r\n`),
  'a length behind Origin': beacon('abc', ORIGIN),
  'Origin, length, Host': `POST ${PATH} HTTP/1.1\r\n${ORIGIN}Content-Length: 3\r\n${HOST}\r\nabc${CLICK}`,
  'Origin, length, Origin': `${POST}${ORIGIN}Content-Length: 3\r\n${ORIGIN}\r\nabc${CLICK}`,
  'length, Origin, length': `${POST}Content-Length: 3\r\n${ORIGIN}Content-Length: 3\r\n\r\nabc${CLICK}`,
  'two lengths around Host': `POST ${PATH} HTTP/1.1\r\nContent-Length: 3\r\n${HOST}Content-Length: 4\r\n\r\nabc${CLICK}`,
  'Host, length, Host': `${POST}Content-Length: 3\r\n${HOST}\r\nabc${CLICK}`,
  'no Host': `POST ${PATH} HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc${CLICK}`,
  'a beacon with a query': `POST ${PATH}?a=b HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc${CLICK}`,
  'a beacon that closes': beacon('abc', 'Connection: close\r\n'),
  'a beacon that is kept alive': beacon('abc', 'Connection: keep-alive\r\n'),
  'a beacon that waits': beacon('abc', 'Expect: 100-continue\r\n'),
  'a beacon of a prefetch': beacon('abc', 'Sec-Purpose: prefetch\r\n'),
  'a beacon with an encoding': beacon('abc', 'Content-Encoding: gzip\r\n'),
  'a beacon with a wrong type': beacon('abc', 'Content-Type: ;;;\r\n'),
  'a beacon with a trailer': beacon('abc', 'Trailer: A\r\n'),
  'a beacon that upgrades': beacon('abc', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'),
  'a beacon of HTTP/1.0, kept alive': beacon('abc', 'Connection: keep-alive\r\n').replace('1.1', '1.0'),
  'beacons of many lengths': [0, 1, 9, 10, 99, 100]
    .map(bytes => `${POST}Content-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`)
    .join(''),
  'beacons of different pages': [ORIGIN, '', ORIGIN, 'Origin: null\r\n']
    .map(fields => `${POST}${fields}Content-Length: 3\r\n\r\nabc`)
    .join(''),
  'a beacon, a pixel, a click, a wrong id, a beacon': [
    `${POST}Content-Length: 3\r\n\r\nabc`,
    `GET ${PATH}.gif HTTP/1.1\r\n${HOST}\r\n`,
    CLICK,
    `GET /counter/0 HTTP/1.1\r\n${HOST}\r\n`,
    `${POST}Content-Length: 3\r\n\r\nabc`,
  ].join(''),
  'a GET with the head of a beacon': `${POST}Content-Length: 3\r\n\r\nabc${HEAD}Content-Length: 3\r\n\r\nabc${CLICK}`,
  'a click with the head of a GET before it': `${CLICK}POST ${PATH} HTTP/1.1\r\n${HOST}\r\n${CLICK}`,
}

const lengths = [
  ...['3 ', '3\t', ' 3', '\t3', '   3', '3\x0b', '\x0b3', '03', '003', '0000000000000000003', '3.', '3,'],
  ...[',3', '3,3', '3, 3', '3;', '3 3', '0x3', '3e0', '+3', '-3', '-0', '\xb3', '\xd9\xa3', "'3'", '3\0'],
  ...['0', '00', ' 0 ', '1', '2', '4', '65536', '065536', '65537', '99999', '100000', '1000000', '1048576'],
  ...['1048577', '2147483651', '4294967299', '9007199254740995', '18446744073709551619', 'three', ''],
]

const shortOrLong: Group = {
  'a body that is two bytes short': `${POST}Content-Length: 5\r\n\r\nabc`,
  'a body of which nothing comes': `${POST}Content-Length: 5\r\n\r\n`,
  'a body that takes a byte of a click': `${POST}Content-Length: 4\r\n\r\nabc${CLICK}`,
  'a body that takes a click but for a byte': `${POST}Content-Length: ${2 + CLICK.length}\r\n\r\nabc${CLICK}`,
  'a body that takes a click': `${POST}Content-Length: ${3 + CLICK.length}\r\n\r\nabc${CLICK}${CLICK}`,
  'a body that leaves a byte': `${POST}Content-Length: 2\r\n\r\nabc${CLICK}`,
  'a body that leaves a line end': `${POST}Content-Length: 1\r\n\r\na\r\n${CLICK}`,
  'a click, then a body that is short': `${CLICK}${POST}Content-Length: 5\r\n\r\nabc`,
  'a beacon, then half a head': `${POST}Content-Length: 3\r\n\r\nabc${GET}`,
  'a beacon of 60 000 bytes that is short': `${POST}Content-Length: 60000\r\n\r\n${'x'.repeat(50_000)}`,
}

const bothFramings: Group = Object.fromEntries(
  [
    ['Content-Length: 3', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 3'],
    ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    ['Content-Length: 3', 'Transfer-Encoding: identity'],
    ['Content-Length: 3', 'Transfer-Encoding:'],
    ['Content-Length: 3', 'transfer-encoding : chunked'],
    ['Content-Length: 3', 'Transfer-Encoding\0: chunked'],
    ['Content-Length: 3', ' Transfer-Encoding: chunked'],
    ['Content-Length: 3', 'Content-Length: 3'],
    ['Content-Length: 3', 'content-length: 4'],
    ['Content-Length: 3', 'Content-Length : 4'],
    ['Content-Length: 3', 'Content_Length: 4'],
  ].map(fields => [fields.join(', '), `${POST}${fields.join('\r\n')}\r\n\r\n0\r\n\r\n${HIDDEN}${CLICK}`]),
)

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY']
const paths = [PATH, `${PATH}.gif`, '/counter/0', '/counter/', `${PATH}/a?b`]

const refusals: Group = {
  ...Object.fromEntries(
    methods.flatMap(method =>
      paths.flatMap(path => [
        [`${method} ${path}`, `${method} ${path} HTTP/1.1\r\n${HOST}${ORIGIN}\r\n${CLICK}`],
        [
          `${method} ${path} with a body`,
          `${method} ${path} HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}${CLICK}`,
        ],
      ]),
    ),
  ),
  'PUT with a body of 65 537 bytes': `PUT ${PATH} HTTP/1.1\r\n${HOST}${lengthOf('x'.repeat(65_537))}\r\n${'x'.repeat(65_537)}${CLICK}`,
  'PUT with a body of chunks': `PUT ${PATH} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}${CLICK}`,
  'PUT with a body that is short': `PUT ${PATH} HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nabc`,
  'a wrong id that closes': `GET /counter/0 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n${CLICK}`,
  'a wrong id of a prefetch': `GET /counter/0 HTTP/1.1\r\n${HOST}Purpose: prefetch\r\n\r\n${CLICK}`,
  'wrong ids and clicks in turns': `GET /counter/0 HTTP/1.1\r\n${HOST}\r\n${CLICK}`.repeat(5),
  'the same wrong id ten times': `GET /counter/undefined HTTP/1.1\r\n${HOST}\r\n`.repeat(10),
}

/** Names that are no banner, and more segments. */
const wrongPaths = [
  ...['undefined', '[object%20Object]', '{id}', '"1"', "'1'", '1;', '1,2', '~', '*', '@', ':', '=', '&'],
  ...[
    '1.gif.gif',
    '.gif.gif',
    'gif',
    'x.GIF',
    '1.GIF',
    '1.gi',
    '1.giff',
    '1..gif',
    '...',
    '..gif',
    '.',
    '..',
  ],
  ...[
    '../1',
    './1',
    '1/.',
    '1/..',
    '1/../2',
    '1/./2',
    '1/...',
    '1/.gif',
    '1.gif/',
    '1.gif/2',
    '/',
    '//',
    '1//',
  ],
  ...['a'.repeat(39), 'a'.repeat(40), 'a'.repeat(41), `${'a'.repeat(40)}.gif`, `a/${'b'.repeat(300)}`],
  ...['1 ', '1%', '1%2e', '%2e%2e', '1\\', '1^', '1|', '1`', '1<', '1\x7f', '1\xe9', '1#', '1?#', '1?\xe9'],
]

export const bodies: Readonly<Record<string, Group>> = {
  'contents of beacons': contents,
  'places of lengths': places,
  'values of lengths': Object.fromEntries(
    lengths.map(length => [length, `${POST}Content-Length:${length}\r\n\r\nabc${HIDDEN}`]),
  ),
  'short or long bodies': shortOrLong,
  'both framings': bothFramings,
  refusals,
  'wrong paths': Object.fromEntries(
    wrongPaths.map(path => [path, `GET /counter/${path} HTTP/1.1\r\n${HOST}\r\n${CLICK}`]),
  ),
}
