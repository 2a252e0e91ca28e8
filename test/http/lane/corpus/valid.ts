import { CLICK, CLICKED_ID, GET, type Group, HEAD, HOST, PATH, POST } from './parts.ts'

/** What well-behaved clients send. Most of it is for the lane; the rest shows where its shape ends. */

/** What a browser sends along with an image or a beacon. */
const browser = [
  'Connection: keep-alive',
  'sec-ch-ua-platform: "Linux"',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"',
  'sec-ch-ua-mobile: ?0',
  'Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: no-cors',
  'Sec-Fetch-Dest: image',
  'Referer: https://shop.example/article/4711',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
].join('\r\n')

const methods: Group = {
  HEAD: `HEAD ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  'HEAD of a wrong id': `HEAD /counter/0 HTTP/1.1\r\n${HOST}\r\n`,
  OPTIONS: `OPTIONS ${PATH} HTTP/1.1\r\n${HOST}Origin: https://shop.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
  'OPTIONS of everything': `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  PUT: `PUT ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  DELETE: `DELETE ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  PATCH: `PATCH ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  QUERY: `QUERY ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  'PUT of a text': `PUT ${PATH} HTTP/1.1\r\n${HOST}Content-Type: ;\r\nContent-Length: 3\r\n\r\nabc`,
  'POST of an unknown path': `POST /nothing HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`,
  'GET of a bulk': `GET /counter HTTP/1.1\r\n${HOST}\r\n`,
  'HEAD of a bulk': `HEAD /counter HTTP/1.1\r\n${HOST}\r\n`,
  TRACE: `TRACE ${PATH} HTTP/1.1\r\n${HOST}\r\n`,
  'POST without a length': `${POST}\r\n`,
  'POST of nothing': `${POST}Content-Length: 0\r\n\r\n`,
  'POST of a byte': `${POST}Content-Length: 1\r\n\r\na`,
  'POST of a text': `${POST}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 12\r\n\r\nbanner click`,
  'POST of a form': `${POST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=b&c=d`,
  'POST of a chunk': `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  'POST of two chunks': `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`,
  'POST of no chunk': `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'POST that closes': `${POST}Content-Length: 3\r\nConnection: close\r\n\r\nabc`,
  'a beacon': `${POST}${browser}\r\nOrigin: https://shop.example\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n\r\n{}`,
}

const PIXEL = `GET ${PATH}.gif HTTP/1.1\r\n${HOST}`

const pixels: Group = {
  'a pixel': `${PIXEL}\r\n`,
  'a pixel, a click, a pixel': `${PIXEL}\r\n${CLICK}${PIXEL}\r\n`,
  'a pixel with a query': `GET ${PATH}.gif?a=b HTTP/1.1\r\n${HOST}\r\n`,
  'a pixel for a browser': `${PIXEL}${browser}\r\n\r\n`,
  'a pixel of a prefetch': `${PIXEL}Sec-Purpose: prefetch\r\n\r\n`,
  'a pixel of a wrong id': `GET /counter/0.gif HTTP/1.1\r\n${HOST}\r\n`,
  'a pixel of no id': `GET /counter/.gif HTTP/1.1\r\n${HOST}\r\n`,
  'a pixel in upper case': `GET ${PATH}.GIF HTTP/1.1\r\n${HOST}\r\n`,
  'another picture': `GET ${PATH}.png HTTP/1.1\r\n${HOST}\r\n`,
  'HEAD of a pixel': `HEAD ${PATH}.gif HTTP/1.1\r\n${HOST}\r\n`,
  'OPTIONS of a pixel': `OPTIONS ${PATH}.gif HTTP/1.1\r\n${HOST}\r\n`,
  'POST of a pixel': `POST ${PATH}.gif HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc${CLICK}`,
  'a pixel that closes': `${PIXEL}Connection: close\r\n\r\n${CLICK}`,
  'a pixel of HTTP/1.0': `GET ${PATH}.gif HTTP/1.0\r\n\r\n`,
}

const checks: Group = {
  'a check by HTTP/1.0': 'OPTIONS /health/live HTTP/1.0\r\n\r\n',
  'a check by HTTP/1.1': `OPTIONS /health/live HTTP/1.1\r\n${HOST}\r\n`,
  'a check by HEAD': 'HEAD /health/live HTTP/1.0\r\n\r\n',
}

const versions: Group = {
  'HTTP/1.0 without a Host': `GET ${PATH} HTTP/1.0\r\n\r\n`,
  'HTTP/1.0 with a Host': `GET ${PATH} HTTP/1.0\r\n${HOST}\r\n`,
  'HTTP/1.0, kept alive': `GET ${PATH} HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`,
  'HTTP/1.0, closed': `GET ${PATH} HTTP/1.0\r\n${HOST}Connection: close\r\n\r\n`,
  'HTTP/1.0, kept alive, three': `GET ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`.repeat(3),
  'HTTP/1.0, kept alive, with pixels': `${['', '.gif', '', '.gif'].map(form => `GET ${PATH}${form} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`).join('')}`,
  'HTTP/1.0, kept alive, and an answer that closes': `GET ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\n\r\nOPTIONS ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${CLICK}`,
  'HTTP/1.1, then 1.0, then 1.1': `${CLICK}GET ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${CLICK}`,
  'HTTP/1.0, then 1.1, not kept alive': `GET ${PATH} HTTP/1.0\r\n\r\n${CLICK}`,
  'HTTP/1.0, POST, kept alive, then 1.1': `POST ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na${CLICK}`,
  'HTTP/1.0, POST': `POST ${PATH} HTTP/1.0\r\nContent-Length: 1\r\n\r\na`,
}

const shapes: Group = {
  'a click': CLICK,
  'two clicks': CLICK + CLICK,
  'ten clicks': CLICK.repeat(10),
  'no Host name, and more headers': `${GET}A: b\r\nHost:\r\nC: d\r\n\r\n`,
  'Host at the end': `${GET}A: b\r\n${HOST}\r\n`,
  'a browser': `${HEAD}${browser}\r\n\r\n`,
  'a browser, twice': `${HEAD}${browser}\r\n\r\n`.repeat(2),
  'a browser that closes': `${HEAD}${browser.replace('keep-alive', 'close')}\r\n\r\n`,
  'the same header twice': `${HEAD}A: b\r\nA: c\r\n\r\n`,
  'a hundred headers': `${HEAD}${Array.from({ length: 100 }, (_, header) => `A${header}: b\r\n`).join('')}\r\n`,
  'a thousand headers': `${HEAD}${'A:b\r\n'.repeat(1000)}\r\n`,
  'a header of 30 KB': `${HEAD}A: ${'a'.repeat(30_000)}\r\n\r\n`,
  'three cookies of 4 KB': `${HEAD}Cookie: ${['a', 'b', 'c'].map(name => `${name}=${'x'.repeat(4000)}`).join('; ')}\r\n\r\n`,
  'a header name of 1 KB': `${HEAD}${'a'.repeat(1000)}: b\r\n\r\n`,
  'the state of health': `GET /health/live HTTP/1.1\r\n${HOST}\r\n`,
  'a click, a look at health, a click': `${CLICK}GET /health/live HTTP/1.1\r\n${HOST}\r\n${CLICK}`,
  'a click, one of a wrong id, a click': `${CLICK}GET /counter/0 HTTP/1.1\r\n${HOST}\r\n${CLICK}`,
  'a click, one that closes, a click': `${CLICK}${HEAD}Connection: close\r\n\r\n${CLICK}`,
  'POST, click, POST, click': `${POST}Content-Length: 3\r\n\r\nabc${CLICK}`.repeat(2),
  'click, HEAD, click': `${CLICK}HEAD ${PATH} HTTP/1.1\r\n${HOST}\r\n${CLICK}`,
  'clicks of two origins and of none, in turns': [null, 'a', 'a', 'b', null, 'a']
    .map(origin => (origin === null ? CLICK : `${HEAD}Origin: https://${origin}.example\r\n\r\n`))
    .join(''),
  'an Origin before Host and one behind it': `${GET}Origin: https://a.example\r\n${HOST}Origin: null\r\n\r\n`,
  'different banners': CLICK + CLICK.replace(CLICKED_ID, '1') + CLICK.replace(CLICKED_ID, '2147483647'),
}

export const valid: Readonly<Record<string, Group>> = {
  methods,
  pixels,
  checks,
  versions,
  shapes,
}
