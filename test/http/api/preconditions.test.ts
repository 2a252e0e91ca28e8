import type { Request } from '@hapi/hapi'
import { expect } from 'chai'
import fc from 'fast-check'
import { isNamed, readIfMatch, readIfNoneMatch } from '../../../lib/http/api/preconditions.ts'

const request = (headers: Record<string, string>) => ({ raw: { req: { headers } } }) as unknown as Request
const ifMatch = (text: string) => readIfMatch(request({ 'if-match': text }))
const ifNoneMatch = (text: string) => readIfNoneMatch(request({ 'if-none-match': text }))

const wellFormed: Record<string, { match: unknown; noneMatch: unknown }> = {
  '*': { match: '*', noneMatch: '*' },
  '"a"': { match: ['a'], noneMatch: ['a'] },
  '""': { match: [''], noneMatch: [''] },
  'W/"a"': { match: [], noneMatch: ['a'] },
  '"a", W/"b","c"': { match: ['a', 'c'], noneMatch: ['a', 'b', 'c'] },
  ' ,, "a,b" ,\t"*", ': { match: ['a,b', '*'], noneMatch: ['a,b', '*'] },
  '"\xe9"': { match: ['\xe9'], noneMatch: ['\xe9'] },
}
const malformed = [
  '',
  'a',
  '"a',
  'a"',
  '"a" "b"',
  'w/"a"',
  'W/a',
  '* , "a"',
  '"a",*',
  "'a'",
  '"a b"',
  '"a"b"',
  ',',
]

describe('a condition on the version that is there', () => {
  for (const [text, { match, noneMatch }] of Object.entries(wellFormed))
    it(`is read from ${JSON.stringify(text)}`, () => {
      expect(ifMatch(text)).to.deep.equal(match)
      expect(ifNoneMatch(text)).to.deep.equal(noneMatch)
    })

  for (const text of malformed)
    it(`is not passed over when it is ${JSON.stringify(text)}`, () => {
      expect(() => ifMatch(text)).to.throw(/^If-Match must be a list of versions in quotes/)
      expect(() => ifNoneMatch(text)).to.throw(/^If-None-Match must be/)
    })

  it('is none without a header', () => {
    expect([readIfMatch(request({})), readIfNoneMatch(request({}))]).to.deep.equal([null, null])
  })

  it('names each version of any list, in its place', () => {
    const version = fc.string({
      unit: fc.integer({ min: 0x23, max: 0x7e }).map(code => String.fromCharCode(code)),
    })
    const separator = fc.constantFrom(',', ', ', ' ,\t', ',,')
    fc.assert(
      fc.property(fc.array(fc.tuple(version, separator), { minLength: 1 }), list => {
        const text = list.map(([tag, comma]) => `"${tag}"${comma}`).join('')
        expect(ifMatch(text)).to.deep.equal(list.map(([tag]) => tag))
      }),
    )
  })

  it('is read in time, however it is written', () => {
    const startedAtMs = performance.now()
    for (const part of [' ', ',', ' ,', '"', '"a" ', '"a",', 'W/'])
      for (const end of ['', 'x', '"'])
        try {
          ifMatch(part.repeat(16_000) + end)
        } catch {}
    expect(performance.now() - startedAtMs).to.be.below(2000)
  })

  it('holds for any version with *, and for those that are named', () => {
    expect([
      isNamed('a', '*'),
      isNamed('a', ['b', 'a']),
      isNamed('a', ['b']),
      isNamed('a', null),
    ]).to.deep.equal([true, true, false, false])
  })
})
