import { expect } from 'chai'
import { sameOriginMistake } from '../../../lib/http/access/same-origin.ts'

const PROOFS: readonly (readonly [string | undefined, string | undefined, string | undefined])[] = [
  ['same-origin', undefined, undefined],
  // A proxy has rewritten Host.
  ['same-origin', 'https://clicks.example', 'inside:8080'],
  [undefined, 'http://clicks.example', 'clicks.example'],
  [undefined, 'http://clicks.example:8080', 'clicks.example:8080'],
  [undefined, 'http://clicks.example', 'Clicks.Example:80'],
  [undefined, 'https://clicks.example', 'clicks.example:443'],
  [undefined, 'http://[::1]:8080', '[::1]:8080'],
  [undefined, 'http://10.0.0.7', '10.0.0.7'],
]

const OTHERS: readonly (readonly [string | undefined, string | undefined, string | undefined, RegExp])[] = [
  ['cross-site', 'http://clicks.example', 'clicks.example', /Authorization: Bearer/],
  ['same-site', 'http://clicks.example', 'clicks.example', /Authorization: Bearer/],
  ['none', 'http://clicks.example', 'clicks.example', /Authorization: Bearer/],
  ['', 'http://clicks.example', 'clicks.example', /Authorization: Bearer/],
  ['same-origin, cross-site', 'http://clicks.example', 'clicks.example', /Authorization: Bearer/],
  [undefined, undefined, 'clicks.example', /Sec-Fetch-Site or Origin/],
  [undefined, 'null', 'clicks.example', /pass Host on/],
  [undefined, 'null', 'null', /pass Host on/],
  [undefined, '', '', /pass Host on/],
  [undefined, 'http://clicks.example', undefined, /pass Host on/],
  [undefined, 'http://clicks.example', '', /pass Host on/],
  [undefined, 'http://clicks.example', 'clicks.example:8080', /pass Host on/],
  [undefined, 'http://clicks.example', 'clicks.example:443', /pass Host on/],
  [undefined, 'http://clicks.example.evil', 'clicks.example', /pass Host on/],
  [undefined, 'http://evil', 'clicks.example', /pass Host on/],
  [undefined, 'http://evil', 'evil@clicks.example', /pass Host on/],
  [undefined, 'http://clicks.example', 'evil@clicks.example', /pass Host on/],
  [undefined, 'http://clicks.example', 'clicks.example/', /pass Host on/],
  [undefined, 'http://clicks.example', 'clicks.example?', /pass Host on/],
  [undefined, 'http://clicks.example http://evil', 'clicks.example', /pass Host on/],
  [undefined, 'chrome-extension://abc', 'abc', /pass Host on/],
  [undefined, 'file://', '', /pass Host on/],
]

describe('the proof that a request comes from a page of this service', () => {
  for (const [fetchSite, origin, host] of PROOFS)
    it(`is Sec-Fetch-Site ${fetchSite}, Origin ${origin}, Host ${host}`, () => {
      expect(sameOriginMistake({ fetchSite, origin, host })).to.equal(null)
    })

  for (const [fetchSite, origin, host, message] of OTHERS)
    it(`is not Sec-Fetch-Site ${fetchSite}, Origin ${origin}, Host ${host}`, () => {
      expect(sameOriginMistake({ fetchSite, origin, host })).to.match(message)
    })
})
