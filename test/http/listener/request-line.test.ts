import { expect } from 'chai'
import { RequestLine } from '../../../lib/http/listener/request-line.ts'
import { collectGarbage } from '../../support/garbage.ts'

/** Lines, and what Node's parser is to have in their place. */
const lines: Readonly<Record<string, string>> = {
  'GET /counter/1 HTTP/1.1\r\n': 'GET /counter/1 HTTP/1.1\r\n',
  '\r\n\r\nGET /counter/1?a=b HTTP/1.1\r\n': '\r\n\r\nGET /counter/1?a=b HTTP/1.1\r\n',
  'GET  /counter/1 HTTP/1.1\r\n': 'GET \0/counter/1 HTTP/1.1\r\n',
  'GET /counter/1   HTTP/1.1\r\n': 'GET /counter/1 \0\0HTTP/1.1\r\n',
  'GET /counter/1?caf\xc3\xa9&\xff HTTP/1.1\r\n': 'GET /counter/1?caf%c3%a9&%ff HTTP/1.1\r\n',
  'GET /counter/\xe9?\x80 HTTP/1.1\r\n': 'GET /counter/\xe9?%80 HTTP/1.1\r\n',
  'GET /?\x7f\t% HTTP/1.1\r\n': 'GET /?\x7f\t% HTTP/1.1\r\n',
  'GET /\n': 'GET /\n',
}

describe('a request line', () => {
  for (const [line, changed] of Object.entries(lines))
    it(`becomes ${JSON.stringify(changed)} wherever it is cut`, () => {
      const whole = Buffer.from(`${line}A:  \xe9\r\n`, 'latin1')
      for (let cut = 1; cut < whole.length; cut++) {
        const reader = new RequestLine()
        const [first, second] = [whole.subarray(0, cut), whole.subarray(cut)]
        const read = [reader.read(first), reader.changed(first)] as const
        const isWhole = cut >= line.length
        const then = isWhole
          ? ([line.length - cut, second] as const)
          : ([reader.read(second), reader.changed(second)] as const)
        expect(read[0], `cut at ${cut}`).to.equal(isWhole ? line.length : -1)
        expect(then[0], `cut at ${cut}`).to.equal(line.length - cut)
        expect(Buffer.concat([read[1], then[1]]).toString('latin1')).to.equal(`${changed}A:  \xe9\r\n`)
      }
    })

  it('holds nothing of a piece that it is through with', () => {
    const piece = Buffer.from(`GET /counter/1?${'\xff'.repeat(30_000)}`, 'latin1')
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const readers = Array.from({ length: 50 }, () => new RequestLine())
    for (const reader of readers) {
      expect(reader.read(piece)).to.equal(-1)
      reader.changed(piece)
    }
    collectGarbage()
    expect((process.memoryUsage().heapUsed - before) / readers.length).to.be.below(4096)
  })
})
