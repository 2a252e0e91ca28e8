import { expect } from 'chai'
import fc from 'fast-check'
import { RequestFraming } from '../../../lib/http/listener/request-framing.ts'
import { RequestLine } from '../../../lib/http/listener/request-line.ts'

/** V8's strings are no longer than this. */
const LONGEST_STRING_BYTES = 2 ** 29
const LINE = 'GET / HTTP/1.1\r\n'

/** A head or a body, and the fields of the head before it. */
interface Part {
  readonly text: string
  readonly headers: { readonly 'content-length'?: string } | null
}

const data = fc.string({
  unit: fc.constantFrom('\r', '\n', '\r\n', '0', 'a', ':'),
  minLength: 1,
  maxLength: 12,
})
const fields = fc
  .array(fc.constantFrom('A: b\r\n', 'C:\r\n', 'Long: 0123456789\r\n'), { maxLength: 3 })
  .map(lines => lines.join(''))
const head = fields.map((lines): Part => ({ text: `${LINE}${lines}\r\n`, headers: null }))
const counted = data.map((text): Part => ({ text, headers: { 'content-length': String(text.length) } }))
const chunk = fc
  .tuple(data, fc.constantFrom('', '0', '000'), fc.constantFrom('', ';a=b', ';a="0"'))
  .map(([text, zeros, extension]) => `${zeros}${text.length.toString(16)}${extension}\r\n${text}\r\n`)
const chunked = fc
  .tuple(fc.array(chunk, { maxLength: 3 }), fields)
  .map(([chunks, trailers]): Part => ({ text: `${chunks.join('')}0\r\n${trailers}\r\n`, headers: {} }))
const message = fc.oneof(fc.tuple(head), fc.tuple(head, counted), fc.tuple(head, chunked))

describe('the framing of requests', () => {
  it('foresees the ends of heads and bodies, however they are cut', () => {
    const messages = fc.array(message, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 60 }), (all, places) => {
        const parts: Part[] = all.flat()
        const read = readParts(cut(parts.map(({ text }) => text).join(''), places), parts)
        expect(read).to.deep.equal(parts.map(({ text }) => text))
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps nothing of a size that never ends', () => {
    const framing = new RequestFraming()
    framing.startBody({})
    const zeros = Buffer.alloc(2 ** 20, '0')
    for (let bytes = 0; bytes <= LONGEST_STRING_BYTES; bytes += zeros.length)
      expect(framing.end(zeros, 0)).to.equal(-1)
    expect(framing.end(Buffer.from('1\r\na\r\n0\r\n\r\n'), 0)).to.equal(11)
  }).timeout(20_000)
})

/** In pieces, up to one for each byte. */
function cut(whole: string, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map(place => place % whole.length))].sort((a, b) => a - b)
  return [0, ...cuts].map((from, piece) =>
    Buffer.from(whole.slice(from, cuts[piece] ?? whole.length), 'latin1'),
  )
}

/** What comes out when the parser has found `parts`. */
function readParts(pieces: readonly Buffer[], parts: readonly Part[]): string[] {
  const framing = new RequestFraming()
  const read = ['']
  let line: RequestLine | null = new RequestLine()
  for (const piece of pieces)
    for (let rest = piece; rest.length > 0; ) {
      const lineEnd: number = line === null ? 0 : line.read(rest)
      if (lineEnd >= 0) line = null
      const end = lineEnd < 0 ? -1 : framing.end(rest, lineEnd)
      read.push(read.pop() + rest.toString('latin1', 0, end < 0 ? rest.length : end))
      if (end < 0) break
      rest = rest.subarray(end)
      const next = parts[read.length]
      if (next === undefined) continue
      read.push('')
      if (next.headers !== null) framing.startBody(next.headers)
      else {
        framing.startHead()
        line = new RequestLine()
      }
    }
  return read
}
