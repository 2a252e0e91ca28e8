import { CLICK, FOLLOWED_PATH, type Group, HEAD, HOST, PATH, POST, withHeaders } from './parts.ts'

/** What tells clients apart, and what they send to be told apart wrongly. */

const agents = [
  'User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'user-agent:curl/8.5.0',
  'USER-AGENT: \t Wget/1.21 \t ',
  'User-Agent:',
  'User-Agent: ',
  'User-Agent: \t ',
  'User-Agent: \xa0',
  'User-Agent: \xa0 Googlebot \xa0',
  'User-Agent: Mozilla/5.0 caf\xe9 \x80\xff',
  'User-Agent: Mozilla/5.0\x7f',
  'User-Agent: Mozilla/5.0\x01',
  'User-Agent: a\r\nUser-Agent: Googlebot',
  'User-Agent: Googlebot\r\nUser-Agent: a',
  'User-Agent:\r\nUser-Agent: Mozilla/5.0',
  'User-Agent: Mozilla/5.0\r\nuser-agent:',
  'User-Agent : Googlebot',
  ' User-Agent: Googlebot',
  'User-Agent: a\r\n b',
  'User_Agent: Googlebot',
  'XUser-Agent: Googlebot',
  'User-Agents: Googlebot',
  `User-Agent: Mozilla/5.0 ${'(like Gecko) '.repeat(8)}Googlebot`,
  `User-Agent: ${'x'.repeat(1100)} Googlebot`,
  `User-Agent: ${' '.repeat(200)}Googlebot${' '.repeat(200)}`,
]

const forwarded = [
  'X-Forwarded-For: 192.0.2.1',
  'x-forwarded-for:192.0.2.1',
  'X-Forwarded-For: \t192.0.2.1 \t',
  'X-Forwarded-For: 192.0.2.11',
  'X-Forwarded-For: 192.0.2.1, 192.0.2.11',
  'X-Forwarded-For: 192.0.2.11, 192.0.2.1',
  'X-Forwarded-For: 192.0.2.1,127.0.0.1',
  'X-Forwarded-For: 192.0.2.1:4711',
  'X-Forwarded-For: 2001:d00d:f00d:2::3',
  'X-Forwarded-For: 2001:d00d:f00d:2::4',
  'X-Forwarded-For: 2001:D00D:F00D:3:0:0:0:4',
  'X-Forwarded-For: [2001:d00d:f00d:2::3]:4711',
  'X-Forwarded-For: ::ffff:192.0.2.1',
  'X-Forwarded-For: fe80::1%eth0',
  'X-Forwarded-For: 127.0.0.1',
  'X-Forwarded-For:',
  'X-Forwarded-For: ,',
  'X-Forwarded-For: , 192.0.2.1',
  'X-Forwarded-For: 192.0.2.1,',
  'X-Forwarded-For: unknown',
  'X-Forwarded-For: _hidden, 192.0.2.1',
  'X-Forwarded-For: 192.0.2.1, _hidden',
  'X-Forwarded-For: "192.0.2.1"',
  'X-Forwarded-For: 192.0.2.256',
  'X-Forwarded-For: 192.000.002.001',
  'X-Forwarded-For: 192.0.2.1 192.0.2.11',
  'X-Forwarded-For: caf\xe9',
  'X-Forwarded-For: 192.0.2.1\xa0',
  'X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.11',
  'X-Forwarded-For: 192.0.2.1\r\nx-forwarded-for:',
  'X-Forwarded-For:\r\nX-Forwarded-For: 192.0.2.1',
  'X-Forwarded-For: 192.0.2.1\r\nA: b\r\nX-Forwarded-For: _hidden',
  `X-Forwarded-For: ${Array(31).fill('127.0.0.1').join()}`,
  `X-Forwarded-For: ${Array(40).fill('127.0.0.1').join()}`,
  `X-Forwarded-For: ${'1'.repeat(300)}`,
]

const keys = [
  'Authorization: Bearer nobody',
  'Authorization: Basic dXNlcjpzZWNyZXQ=',
  'Authorization:',
  'Authorization: Bearer a\r\nAuthorization: Bearer b',
]

/** Each twice on one connection, and then another client's click. */
function again(lines: readonly string[]): Group {
  return Object.fromEntries(
    lines.map(line => [
      line,
      `${HEAD}${line}\r\n\r\n`.repeat(2) +
        `${HEAD}User-Agent: Mozilla/5.0\r\nX-Forwarded-For: 192.0.2.12\r\n\r\n`,
    ]),
  )
}

const BROWSER = 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0\r\n'
const BOT = 'User-Agent: Googlebot/2.1\r\n'
const forms = {
  counter: HEAD,
  pixel: `GET ${PATH}.gif HTTP/1.1\r\n${HOST}`,
  click: `GET ${FOLLOWED_PATH} HTTP/1.1\r\n${HOST}`,
  beacon: `${POST}Content-Length: 3\r\n`,
}

const FORMS = Object.keys(forms) as (keyof typeof forms)[]

function click(form: keyof typeof forms, fields: string): string {
  return `${forms[form]}${fields}\r\n${form === 'beacon' ? 'abc' : ''}`
}

/** Requests of one connection. */
export const CLIENTS_IN_TURN: Readonly<Record<string, readonly string[]>> = {
  'a bot and a browser': [click('counter', BOT), click('counter', BROWSER), click('counter', BOT)],
  'a browser by every form': FORMS.map(form => click(form, BROWSER)),
  'a bot by every form': FORMS.map(form => click(form, BOT)),
  'the same beacon, three times': Array(3).fill(click('beacon', BROWSER)),
  'a page that somebody looks at': Array(4).fill(click('click', `${BROWSER}Accept: text/html\r\n`)),
  'a prefetch, then the click': [
    click('click', `${BROWSER}Sec-Purpose: prefetch\r\n`),
    click('click', BROWSER),
  ],
  'HEAD, then the click': [
    ...Array(3).fill(`HEAD ${FOLLOWED_PATH} HTTP/1.1\r\n${HOST}${BROWSER}\r\n`),
    click('click', BROWSER),
  ],
  'OPTIONS, then the click': [
    ...Array(3).fill(`OPTIONS ${PATH} HTTP/1.1\r\n${HOST}${BROWSER}\r\n`),
    click('counter', BROWSER),
  ],
  'wrong ids, then the click': [
    ...Array(3).fill(`GET /counter/0 HTTP/1.1\r\n${HOST}${BROWSER}\r\n`),
    click('counter', BROWSER),
  ],
  'banners that are not active or lead nowhere': [16, 15, 16, 15].map(
    id => `GET /click/${id} HTTP/1.1\r\n${HOST}${BROWSER}\r\n`,
  ),
  'clients behind a proxy': [
    ...['192.0.2.1', '192.0.2.13', '192.0.2.1', '2001:d00d:f00d::1', '2001:d00d:f00d::2', 'x', 'x', 'x'],
  ].map(address => click('counter', `${BROWSER}X-Forwarded-For: ${address}\r\n`)),
  'a click by Hapi between two in the lane': [
    click('counter', BROWSER),
    click('counter', `${BROWSER}Connection: keep-alive, a\r\n`),
    click('counter', BROWSER),
  ],
  'more clicks than a client may send': Array(5).fill(CLICK),
}

const inTurn: Group = Object.fromEntries(
  Object.entries(CLIENTS_IN_TURN).map(([name, requests]) => [name, requests.join('')]),
)

/** One request each. */
export const oneOfClients: Readonly<Record<string, Group>> = {
  agents: withHeaders(agents),
  forwarded: withHeaders(forwarded),
  keys: withHeaders(keys),
}

export const clients: Readonly<Record<string, Group>> = {
  ...oneOfClients,
  'agents, again': again(agents),
  'forwarded, again': again(forwarded),
  'keys, again': again(keys),
  'clients in turn': inTurn,
}
