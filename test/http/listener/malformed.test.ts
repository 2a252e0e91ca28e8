import { expect } from 'chai'
import { expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { requestText, talk } from '../../support/raw-http.ts'

const CLICK = requestText({})
const GET = 'GET /counter/1 HTTP/1.1\r\n'
const HOST = 'Host: counter\r\n'
const POST = `POST /counter/1 HTTP/1.1\r\n${HOST}`
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`
const LAST_CHUNK = '0\r\n\r\n'

/** Where a body ends: a server and a proxy that read these differently let a request in unseen. */
const unclearLength = {
  'Content-Length and Transfer-Encoding': `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding and Content-Length': `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${LAST_CHUNK}`,
  'two lengths': `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  'the same length twice': `${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`,
  'a list of lengths': `${POST}Content-Length: 1, 1\r\n\r\na`,
  'a negative length': `${POST}Content-Length: -1\r\n\r\n`,
  'a signed length': `${POST}Content-Length: +1\r\n\r\na`,
  'a hexadecimal length': `${POST}Content-Length: 0x1\r\n\r\na`,
  'a length past 2^64': `${POST}Content-Length: 18446744073709551617\r\n\r\na`,
  'an empty length': `${POST}Content-Length:\r\n\r\n`,
  'a space before the colon of Content-Length': `${POST}Content-Length : 1\r\n\r\na`,
  'a space before the colon of Transfer-Encoding': `${POST}Transfer-Encoding : chunked\r\n\r\n${LAST_CHUNK}`,
  'a folded Transfer-Encoding': `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding: gzip': `${POST}Transfer-Encoding: gzip\r\n\r\n`,
  'Transfer-Encoding: gzip, chunked': `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding: chunked, gzip': `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding: chunked, chunked': `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding twice': `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding: xchunked': `${POST}Transfer-Encoding: xchunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding: identity': `${POST}Transfer-Encoding: identity\r\n\r\n`,
  'Transfer-Encoding with a vertical tab': `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n${LAST_CHUNK}`,
  'Transfer-Encoding in HTTP/1.0': `POST /counter/1 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}`,
  'a GET with Transfer-Encoding: gzip': `${GET}${HOST}Transfer-Encoding: gzip\r\n\r\n`,
  'a GET with a body': `${GET}${HOST}Content-Length: 3\r\n\r\nabc`,
  'a GET with a chunked body': `${GET}${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n${LAST_CHUNK}`,
  'a GET whose body is a request': `${GET}${HOST}Content-Length: ${CLICK.length}\r\n\r\n${CLICK}`,
  'a HEAD with a body': `HEAD /counter/1 HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`,
}

const unclearChunks = {
  'a size that is no number': `${CHUNKED}zz\r\nabc\r\n${LAST_CHUNK}`,
  'a negative size': `${CHUNKED}-1\r\nabc\r\n${LAST_CHUNK}`,
  'a size with 0x': `${CHUNKED}0x3\r\nabc\r\n${LAST_CHUNK}`,
  'a size past 2^64': `${CHUNKED}10000000000000003\r\nabc\r\n${LAST_CHUNK}`,
  'a size that is too small': `${CHUNKED}3\r\nabcd\r\n${LAST_CHUNK}`,
  'a space after the size': `${CHUNKED}3 \r\nabc\r\n${LAST_CHUNK}`,
  'bare LF everywhere': `${CHUNKED}3\nabc\n0\n\n`,
  'bare LF after the size': `${CHUNKED}3\nabc\r\n${LAST_CHUNK}`,
  'bare LF after an extension': `${CHUNKED}3;a\nabc\r\n${LAST_CHUNK}`,
  'a length in the trailer': `${CHUNKED}3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n`,
}

const unclearLines = {
  'bare LF everywhere': 'GET /counter/1 HTTP/1.1\nHost: counter\n\n',
  'bare LF after the request line': 'GET /counter/1 HTTP/1.1\nHost: counter\r\n\r\n',
  'bare LF after a header': `${GET}Host: counter\nA: b\r\n\r\n`,
  'bare LF at the end of the headers': `${GET}${HOST}\n`,
  'bare CR after a header': `${GET}Host: counter\rA: b\r\n\r\n`,
  'a folded header': `${GET}${HOST}A: b\r\n c\r\n\r\n`,
  'a header folded with a tab': `${GET}${HOST}A: b\r\n\tc\r\n\r\n`,
  'a space before the first header': `${GET} ${HOST}\r\n`,
  'a space before the colon': `${GET}Host : counter\r\n\r\n`,
  'a space in a header name': `${GET}${HOST}A b: c\r\n\r\n`,
  'a header without a colon': `${GET}${HOST}abc\r\n\r\n`,
  'a header without a name': `${GET}${HOST}: abc\r\n\r\n`,
  'NUL in a header': `${GET}${HOST}A: b\0c\r\n\r\n`,
  'NUL in a header name': `${GET}${HOST}A\0: b\r\n\r\n`,
  'a control character in a header': `${GET}${HOST}A: \x01\r\n\r\n`,
  'NUL in the path': `GET /counter/1\0 HTTP/1.1\r\n${HOST}\r\n`,
  'a byte that is no ASCII in the path': `GET /counter/\xff HTTP/1.1\r\n${HOST}\r\n`,
  'two spaces before the path': `GET  /counter/1 HTTP/1.1\r\n${HOST}\r\n`,
  'two spaces behind the path': `GET /counter/1  HTTP/1.1\r\n${HOST}\r\n`,
  'two spaces in a POST': `POST  /counter/1 HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`,
  'a space in the path': `GET /counter/1 2 HTTP/1.1\r\n${HOST}\r\n`,
  'a space after the version': `GET /counter/1 HTTP/1.1 \r\n${HOST}\r\n`,
  'tabs for spaces': `GET\t/counter/1\tHTTP/1.1\r\n${HOST}\r\n`,
  'a path without a slash': `GET counter/1 HTTP/1.1\r\n${HOST}\r\n`,
  'an unknown method': `CLICK /counter/1 HTTP/1.1\r\n${HOST}\r\n`,
  'a method in lower case': `get /counter/1 HTTP/1.1\r\n${HOST}\r\n`,
  'no version (HTTP/0.9)': 'GET /counter/1\r\n\r\n',
  'HTTP/1.2': `GET /counter/1 HTTP/1.2\r\n${HOST}\r\n`,
  'HTTP/2.0': `GET /counter/1 HTTP/2.0\r\n${HOST}\r\n`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\xff\xfe\x00',
  'no Host': `${GET}\r\n`,
  'two Hosts': `${GET}Host: a\r\nHost: b\r\n\r\n`,
  'the same Host twice': `${GET}${HOST}hOST: counter\r\n\r\n`,
  'a list of Hosts': `${GET}Host: a, b\r\n\r\n`,
  'a Host with a path': `${GET}Host: counter/1\r\n\r\n`,
  'a Host with a user': `${GET}Host: me@counter\r\n\r\n`,
  'a Host with a port that is no number': `${GET}Host: counter:http\r\n\r\n`,
}

const tooMuch = {
  'a header of 33 KB': { status: 431, text: `${GET}${HOST}A: ${'a'.repeat(33_000)}\r\n\r\n` },
  'a path of 33 KB': { status: 431, text: `GET /counter/1?${'a'.repeat(33_000)} HTTP/1.1\r\n${HOST}\r\n` },
  'a header name of 33 KB': { status: 431, text: `${GET}${HOST}${'a'.repeat(33_000)}: b\r\n\r\n` },
  'twenty thousand headers': { status: 431, text: `${GET}${HOST}${'A: b\r\n'.repeat(20_000)}\r\n` },
  'a body of 1 GB': { status: 413, text: `${POST}Content-Length: 1000000000\r\n\r\nabc` },
  'an extension of 20 KB': { status: 413, text: `${CHUNKED}3;${'a'.repeat(20_480)}\r\nabc\r\n${LAST_CHUNK}` },
  'chunks of 2 MiB': { status: 413, text: `${CHUNKED}200000\r\n${'a'.repeat(2 ** 21)}\r\n${LAST_CHUNK}` },
  'an unknown expectation': { status: 417, text: `${POST}Expect: a-miracle\r\nContent-Length: 3\r\n\r\nabc` },
}

/** Lenient, and yet no two readers can disagree about where the request ends. */
const clear = {
  'raw bytes in the query': `GET /counter/1?caf\xc3\xa9&\xff HTTP/1.1\r\n${HOST}\r\n`,
  'raw bytes in the query of a POST': `POST /counter/1?\xe9 HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\na`,
  'raw bytes in the query of an absolute path': `GET http://counter/counter/1?\xe9 HTTP/1.1\r\n${HOST}\r\n`,
  'empty lines before the request': `\r\n\r\n${CLICK}`,
  'an absolute path': `GET http://counter/counter/1 HTTP/1.1\r\n${HOST}\r\n`,
  'an empty Host': `${GET}Host:\r\n\r\n`,
  'a Host that is an IPv6 address': `${GET}Host: [::1]:8080\r\n\r\n`,
  'a header that is not ASCII': `${GET}${HOST}User-Agent: caf\xe9\r\n\r\n`,
  'a chunk with an extension': `${CHUNKED}3;a=b\r\nabc\r\n${LAST_CHUNK}`,
  'a trailer': `${CHUNKED}3\r\nabc\r\n0\r\nA: b\r\n\r\n`,
  'a GET with a length of 0': `${GET}${HOST}Content-Length: 0\r\n\r\n`,
  'a header of 30 KB': `${GET}${HOST}A: ${'a'.repeat(30_000)}\r\n\r\n`,
  'eight cookies of 4 KB, less a little': `${GET}${HOST}${`Cookie: a=${'x'.repeat(4000)}\r\n`.repeat(8)}\r\n`,
}

describe('malformed HTTP', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /** The click that follows in the same piece must not be reached. */
  function refuses(status: number, text: string) {
    return async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await talk(test.thread.port, text + CLICK)
        expect(answers).to.have.length(1)
        if (text.startsWith('HEAD')) expect(answers[0]!.status).to.equal(status)
        else expectRawError(answers[0]!, status)
        expect(answers[0]!.headers.connection).to.equal('close')
      })
      expect(counted).to.equal(0)
    }
  }

  for (const [name, text] of Object.entries(unclearLength))
    it(`refuses ${name}, closes and counts nothing`, refuses(400, text))

  for (const [name, text] of Object.entries(unclearChunks))
    it(`refuses a chunk with ${name}, closes and counts nothing`, refuses(400, text))

  for (const [name, text] of Object.entries(unclearLines))
    it(`refuses ${name}, closes and counts nothing`, refuses(400, text))

  for (const [name, { status, text }] of Object.entries(tooMuch))
    it(`refuses ${name} with ${status}, closes and counts nothing`, refuses(status, text))

  for (const [name, text] of Object.entries(clear))
    it(`counts ${name}, and the click that follows`, async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await talk(test.thread.port, text + requestText({ headers: ['Connection: close'] }))
        expect(answers.map(answer => answer.status)).to.deep.equal([204, 204])
      })
      expect(counted).to.equal(2)
    })

  it('answers the clicks that came before a mistake first, and counts them', async () => {
    const counted = await test.clicksCounted(async () => {
      const post = requestText({ method: 'POST', headers: ['Content-Length: 1'], body: 'a' })
      const answers = await talk(test.thread.port, `${CLICK}${post}${CLICK}garbage\r\n\r\n${CLICK}`)
      expect(answers.map(answer => answer.status)).to.deep.equal([204, 204, 204, 400])
      expectRawError(answers[3]!, 400)
    })
    expect(counted).to.equal(3)
  })

  it('answers the clicks that came before a broken body first, and does not count the broken one', async () => {
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(test.thread.port, `${CLICK}${CLICK}${CHUNKED}3\r\nabcd\r\n${CLICK}`)
      expect(answers.map(answer => answer.status)).to.deep.equal([204, 204, 400])
    })
    expect(counted).to.equal(2)
  })

  it('reads nothing after a request that closes the connection', async () => {
    const last = requestText({ headers: ['Connection: close'] })
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(test.thread.port, `${last}${CLICK}`)
      expect(answers.map(answer => answer.status)).to.deep.equal([204])
    })
    expect(counted).to.equal(1)
  })

  it('counts a click that offers an upgrade, takes no notice of the offer, and closes', async () => {
    const offer = requestText({ headers: ['Connection: Upgrade', 'Upgrade: websocket'] })
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(test.thread.port, `${offer}${CLICK}`)
      expect(answers.map(answer => answer.status)).to.deep.equal([204])
      expect(answers[0]!.headers.connection).to.equal('close')
    })
    expect(counted).to.equal(1)
  })

  it('counts a click of HTTP/1.0, which needs no Host, and closes', async () => {
    const counted = await test.clicksCounted(async () => {
      const answers = await talk(test.thread.port, 'GET /counter/1 HTTP/1.0\r\n\r\n')
      expect(answers.map(answer => answer.status)).to.deep.equal([204])
    })
    expect(counted).to.equal(1)
  })

  const kept = (path: string, method = 'GET') =>
    `${method} ${path} HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n`
  const conversations: Record<string, { text: string; statuses: number[]; clicks: number }> = {
    'clicks that keep the connection alive': {
      text: kept('/counter/1').repeat(3),
      statuses: [204, 204, 204],
      clicks: 3,
    },
    'clicks, pixels, mistakes and questions': {
      text: ['/counter/1', '/counter/1.gif', '/counter/0', '/health/live', '/counter/1']
        .map(path => kept(path))
        .join(''),
      statuses: [204, 200, 400, 200, 204],
      clicks: 3,
    },
    'a POST and clicks of both versions': {
      text: kept('/counter/1', 'POST') + CLICK + kept('/counter/1') + CLICK,
      statuses: [204, 204, 204, 204],
      clicks: 4,
    },
    'a click that does not keep it alive': {
      text: `GET /counter/1 HTTP/1.0\r\n\r\n${CLICK}`,
      statuses: [204],
      clicks: 1,
    },
    'an answer that ends with the connection': {
      text: kept('/counter/1') + kept('/counter/1', 'OPTIONS') + kept('/counter/1') + CLICK,
      statuses: [204, 204],
      clicks: 1,
    },
  }
  for (const [name, { text, statuses, clicks }] of Object.entries(conversations))
    it(`counts of HTTP/1.0 in one piece what it answers: ${name}`, async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await talk(test.thread.port, text, { endsAfterwards: true })
        expect(answers.map(answer => answer.status)).to.deep.equal(statuses)
      })
      expect(counted).to.equal(clicks)
    })

  for (const rest of ['', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n'])
    it(`refuses to be a proxy, closes and counts nothing (${JSON.stringify(rest)})`, async () => {
      const counted = await test.clicksCounted(async () => {
        const text = `${CLICK}CONNECT counter:80 HTTP/1.1\r\nHost: counter:80\r\n${rest}\r\nabc${CLICK}`
        const answers = await talk(test.thread.port, text)
        expect(answers.map(answer => answer.status)).to.deep.equal([204, 405])
        expectRawError(answers[1]!, 405)
      })
      expect(counted).to.equal(1)
    })

  it('puts every answer to a mistake into the books', async () => {
    const { port } = test.thread
    const requests4xx = async () => (await test.health()).http.responses['4xx']
    const before = await requests4xx()
    await talk(port, unclearLines['no Host'])
    await talk(port, unclearLines['a folded header'])
    await talk(port, 'CONNECT counter:80 HTTP/1.1\r\nHost: counter\r\n\r\n')
    expect(await requests4xx()).to.equal(before + 3)
  })
})
