import { BANNERS } from './banners.ts'
import { CLICK, CLICKED_ID, FOLLOWED_PATH, type Group, HOST, LAST_CHUNK } from './parts.ts'

/** Clicks that lead on: by /click/{id}. */

const HIDDEN = `GET /click/666 HTTP/1.1\r\n${HOST}\r\n`
const { led, macros, passing, passingAndMacros } = BANNERS

function get(target: string | number, fields = ''): string {
  const path = typeof target === 'number' ? `/click/${target}` : target
  return `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`
}

const accepts = [
  'Accept: */*',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept: application/json',
  'Accept:',
  'accept:text/html',
  'ACCEPT:\t TEXT/HTML \t',
  'Accept: text/html;q=0',
  'Accept: text/html; q=0.000, */*',
  'Accept: text/html;level=1;q=0.5',
  'Accept: text/htmlx',
  'Accept: application/json, text/html',
  'Accept: ,,text/html,,',
  'Accept: caf\xe9, text/html',
  'Accept: text/html\r\nAccept: */*',
  'Accept: */*\r\nA: b\r\naccept: text/html',
  'Accept: */*\r\nAccept: */*',
  'Accept: text/html\r\nOrigin: https://shop.example',
  'Origin: null\r\nAccept: text/html',
  'Accept : text/html',
  'Accept: text/html\0',
  'X-Accept: text/html',
  'Accept-Encoding: text/html',
]

const queries = [
  ...['', '?', '?a=b', '?a', '?a=&a=2', '?gclid=1&x=2&y=3', '?b=1', '??a=1', '?a=b?c', '?a=b/../c', '?%61=b'],
  ...[
    '?a=%0d%0aSet-Cookie:%20b',
    '?a=%00',
    '?a=%C0%AF',
    '?a=%',
    '?a=%zz',
    '?a=+%2B',
    '?a=;b',
    "?a='()*!$,:@",
  ],
  ...[
    '?a=b#c',
    '?#a=b',
    '#?a=b',
    '?a=\xe9',
    '?a=caf\xc3\xa9',
    '?a="b"',
    '?a=[]{}|\\^`<>',
    '?a=\x7f',
    '?a=\0',
  ],
  ...[
    `?a=${'b'.repeat(3000)}`,
    `?a=${'b'.repeat(8192)}`,
    `?${'y&'.repeat(120)}a=b`,
    `?a=${'%'.repeat(1200)}`,
  ],
]

const odd = [
  ...[
    '/click/',
    '/click',
    '/click?a',
    '/click/?a',
    '/click/0',
    '/click/01',
    '/click/2147483648',
    '/click/99999999999',
  ],
  ...[
    '/click/abc',
    '/click/-1',
    '/click/1.0',
    '/click/1.gif',
    '/click/.gif',
    '/click/1/2',
    '/click/1/',
    '/click//1',
  ],
  ...[
    '/click/%31',
    '/click/1%30',
    '/click/%',
    '/click/1%0d%0aA:%20b',
    '/click/../click/1',
    '/click/./1',
    '/click/..',
  ],
  ...['/Click/1', '/CLICK/1', '/clicks/1', '/clic/1', '/click\\1', '/click/1\\', '/click/1;a', '/%63lick/1'],
  ...[
    'http://counter/click/11',
    'http://counter/click/13?a=b',
    '/click/11#a',
    '/click/13#?a=b',
    '/click/2147483647',
  ],
]

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY']

const mixed: Group = {
  'one banner, ten times': get(led.id).repeat(10),
  'all banners': Object.values(BANNERS)
    .map(({ id }) => get(id))
    .join(''),
  'all banners of a page, twice': Object.values(BANNERS)
    .map(({ id }) => get(id, 'Origin: https://shop.example\r\nAccept: text/html\r\n'))
    .join('')
    .repeat(2),
  'banners and clicks in turns': Object.values(BANNERS)
    .map(({ id }) => get(id) + CLICK)
    .join(''),
  'macros, ten times': get(macros.id).repeat(10),
  'parameters of different clicks': ['a=1', 'a=2', 'a=2', 'b=3']
    .map(query => get(`/click/13?${query}`))
    .join(''),
  'a mistake between two': get(led.id) + get('/click/0') + get(led.id),
  'a look at health between two': get(macros.id) + get('/health/live') + get(macros.id),
  'a wish for a page, and none, in turns': (get(15, 'Accept: text/html\r\n') + get(15)).repeat(3),
  'a beacon behind it': `${get(led.id)}POST /counter/${CLICKED_ID} HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc${get(led.id)}`,
  'HTTP/1.0': get(led.id).replace('1.1', '1.0'),
  'HTTP/1.0, kept alive, with each end': [led, passing, macros, BANNERS.aimless]
    .map(({ id }) => get(id, 'Connection: keep-alive\r\n').replace('1.1', '1.0'))
    .join(''),
  'one that closes, then another': get(led.id, 'Connection: close\r\n') + get(led.id),
  'a prefetch': get(macros.id, 'Sec-Purpose: prefetch\r\n') + get(passing.id),
  'a prefetch of what is not active': get(BANNERS.inactive.id, 'Purpose: prefetch\r\n'),
  'a GET with a body': get(led.id, `Content-Length: ${HIDDEN.length}\r\n`) + HIDDEN,
  'a GET with a chunked body': get(led.id, 'Transfer-Encoding: chunked\r\n') + LAST_CHUNK + HIDDEN,
  'a GET with a length of 0': get(led.id, 'Content-Length: 0\r\n') + HIDDEN,
  'a query that ends with the version': get('/click/13?a=HTTP/1.1') + get('/click/13?a=%20HTTP/1.1'),
  'a query with a blank': get('/click/13?a=b c'),
}

export const followed: Readonly<Record<string, Group>> = {
  'where clicks lead': Object.fromEntries(
    [...Object.values(BANNERS), { id: 17 }, { id: CLICKED_ID }].flatMap(({ id }) =>
      ['', '?a=b&x=z'].map(query => [`${id}${query}`, get(`/click/${id}${query}`)]),
    ),
  ),
  'wishes for a page': Object.fromEntries(
    accepts.flatMap(line =>
      [led, BANNERS.aimless].map(({ id }) => [`${line} of ${id}`, get(id, `${line}\r\n`)]),
    ),
  ),
  'parameters that go along': Object.fromEntries(
    queries.flatMap(query =>
      [passing, passingAndMacros].map(({ id }) => [`${id}${query}`, get(`/click/${id}${query}`)]),
    ),
  ),
  'odd places to lead to': Object.fromEntries(odd.map(target => [target, get(target) + CLICK])),
  'methods that lead on': Object.fromEntries(
    methods.flatMap(method => [
      [method, `${method} ${FOLLOWED_PATH} HTTP/1.1\r\n${HOST}Origin: null\r\n\r\n${CLICK}`],
      [
        `${method} with a body`,
        `${method} ${FOLLOWED_PATH} HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}${CLICK}`,
      ],
    ]),
  ),
  'clicks that lead on, and others': mixed,
}
