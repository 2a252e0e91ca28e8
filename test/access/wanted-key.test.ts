import { expect } from 'chai'
import { SCOPES } from '../../lib/access/scopes.ts'
import { expectWantedKey, type WantedKey } from '../../lib/access/wanted-key.ts'

const NOW_MS = Date.parse('2026-11-27T12:00:00Z')

describe('what a key may be', () => {
  const refusalOf = (wanted: { name?: string; scopes?: readonly string[]; expiresAtMs?: number | null }) => {
    try {
      expectWantedKey({ name: 'a', scopes: SCOPES, expiresAtMs: null, ...wanted } as WantedKey, NOW_MS)
      return null
    } catch (error) {
      expect(error).to.include({ code: 'KEY_INVALID' })
      return (error as Error).message
    }
  }

  for (const name of ['a', 'the shop – 店', '👩👧', '店'.repeat(100), '😀'.repeat(100)])
    it(`is named ${name.slice(0, 20)}`, () => {
      expect(refusalOf({ name })).to.equal(null)
    })

  for (const name of [
    '',
    ' ',
    ' a',
    'a ',
    'a\nb',
    'a\0',
    '\u001b[2J',
    'a\u202eb',
    'a\u2028b',
    '\ud800',
    'x'.repeat(101),
  ])
    it(`is not named ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(refusalOf({ name })).to.match(/^a key's name has 1 to 100 characters, no line breaks/)
    })

  it('has scopes that there are, each once', () => {
    for (const scope of SCOPES) expect(refusalOf({ scopes: [scope] })).to.equal(null)
    expect(refusalOf({ scopes: [] })).to.equal('a key needs a scope: count, read, manage, operate')
    expect(refusalOf({ scopes: ['read', 'read'] })).to.equal('a scope is named twice')
    expect(refusalOf({ scopes: ['raed'] })).to.equal(
      '"raed" is no scope (did you mean read?): they are count, read, manage, operate',
    )
    expect(refusalOf({ scopes: ['toString'] })).to.match(/^"toString" is no scope: they are/)
    expect(refusalOf({ scopes: ['x'.repeat(500)] })!.length).to.be.below(200)
  })

  it('ends at a time that is to come, or never', () => {
    expect(refusalOf({ expiresAtMs: NOW_MS + 1 })).to.equal(null)
    for (const expiresAtMs of [NOW_MS, NOW_MS - 1, Number.NaN, Number.NEGATIVE_INFINITY])
      expect(refusalOf({ expiresAtMs })).to.match(/^the key would have expired already/)
    for (const expiresAtMs of [Date.UTC(10_000, 0), Number.POSITIVE_INFINITY])
      expect(refusalOf({ expiresAtMs })).to.match(/before the year 10000/)
  })
})
