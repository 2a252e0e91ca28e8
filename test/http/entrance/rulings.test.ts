import { expect } from 'chai'
import type { BannerLookup } from '../../../lib/banners/banner-lookup.ts'
import { leadingTo } from '../../../lib/http/entrance/redirect.ts'
import { Rulings } from '../../../lib/http/entrance/rulings.ts'
import { prepared } from '../../../lib/http/listener/answer.ts'
import { TestBanners } from '../../support/banners.ts'
import { collectGarbage } from '../../support/garbage.ts'

const TARGET = 'https://shop.example/autumn'
const OTHER = 'https://shop.example/winter'

function newRulings(
  lookup: BannerLookup,
  options: { areUnknownCounted?: boolean; fallbackUrl?: string | null } = {},
) {
  const clock = { nowMs: 1_000_000 }
  const rulings = new Rulings({
    lookup,
    areUnknownCounted: options.areUnknownCounted ?? true,
    fallbackUrl: options.fallbackUrl ?? null,
    now: () => clock.nowMs,
  })
  const click = (bannerId: number, query = '', wantsPage = false) =>
    rulings.of('click', bannerId, query, wantsPage)
  const locationOf = (bannerId: number, query = '') => click(bannerId, query).headers.location
  return { rulings, clock, click, locationOf }
}

describe('rulings', () => {
  it('follow a banner through its times, to the millisecond', () => {
    const banners = new TestBanners().put(1, {
      target: TARGET,
      activeFromMs: 2_000_000,
      activeUntilMs: 3_000_000,
    })
    const { rulings, clock, click } = newRulings(banners)
    const fatesAt = (nowMs: number) => {
      clock.nowMs = nowMs
      return [click(1).fate, rulings.of('counter', 1, '', false).fate, click(1).statusCode]
    }
    const [before, within] = [
      ['inactive', 'inactive', 404],
      ['counted', 'counted', 302],
    ]
    expect(fatesAt(1_000_000)).to.deep.equal(before)
    expect(fatesAt(1_999_999)).to.deep.equal(before)
    expect(fatesAt(2_000_000)).to.deep.equal(within)
    expect(fatesAt(2_999_999)).to.deep.equal(within)
    expect(fatesAt(3_000_000)).to.deep.equal(before)
    expect(fatesAt(9_000_000)).to.deep.equal(before)
  })

  it('follow a clock that went ahead and is put right, as bulks do', () => {
    const times = { activeFromMs: 2_000_000, activeUntilMs: 3_000_000 }
    const banners = new TestBanners().put(1, { target: TARGET, ...times })
    const { rulings, clock, click } = newRulings(banners)
    const fatesAt = (nowMs: number) => {
      clock.nowMs = nowMs
      const bulk = rulings.ofBulk([{ id: 1 }]).counted.length === 0 ? 'inactive' : 'counted'
      return [click(1).fate, rulings.of('counter', 1, '', false).fate, bulk]
    }
    for (const [nowMs, fate] of [
      [3_000_000, 'inactive'],
      [2_999_999, 'counted'],
      [1_999_999, 'inactive'],
      [2_000_000, 'counted'],
    ] as const)
      expect(fatesAt(nowMs)).to.deep.equal([fate, fate, fate])
  })

  it('follow each change, and what was never registered comes to be', () => {
    const banners = new TestBanners()
    const { rulings, click, locationOf } = newRulings(banners, { areUnknownCounted: false })
    const counting = () => rulings.of('counter', 1, '', false).statusCode
    expect([click(1).fate, counting()]).to.deep.equal(['unknown', 404])
    banners.put(1, { target: TARGET })
    expect([locationOf(1), counting()]).to.deep.equal([TARGET, 204])
    banners.put(1, { target: OTHER, isActive: false })
    expect([click(1).fate, counting()]).to.deep.equal(['inactive', 204])
    banners.put(1, { target: OTHER })
    expect(locationOf(1)).to.equal(OTHER)
  })

  it('are made once of a banner, and so is its answer', () => {
    const banners = new TestBanners().put(1, { target: TARGET }).put(2, { target: TARGET, passQuery: ['a'] })
    let finds = 0
    const find = (bannerId: number) => {
      finds++
      return banners.find(bannerId)
    }
    const lookup = { isKnown: true, count: 2, edition: 1, has: () => true, isActiveAt: () => true, find }
    const { click } = newRulings(lookup)
    expect(click(1, 'a=b')).to.equal(click(1))
    expect(click(2)).to.equal(click(2))
    expect(click(2, 'a=b').headers.location).to.equal(`${TARGET}?a=b`)
    expect(finds).to.equal(2)
  })

  it('are put into words as any other answer is', () => {
    const answer = leadingTo(TARGET, 'counted')
    expect(answer).to.deep.equal(prepared(answer))
  })

  it('look nobody up while nothing is registered and unknown banners count', () => {
    const never = () => expect.fail('asked')
    const { rulings } = newRulings({
      isKnown: true,
      count: 0,
      edition: 0,
      has: never,
      isActiveAt: never,
      find: never,
    })
    for (const form of ['counter', 'pixel'] as const)
      expect(rulings.of(form, 1, '', false).fate).to.equal('counted')
    expect(rulings.ofBulk([{ id: 1 }]).counted).to.deep.equal([{ id: 1 }])
  })

  it('stay right for more banners than they remember, in any order', () => {
    const banners = new TestBanners()
    for (let id = 1; id <= 80_000; id++) banners.put(id, { target: `https://shop.example/${id}` })
    const { locationOf } = newRulings(banners)
    for (let id = 1; id <= 80_000; id++)
      for (const bannerId of [id, 1 + ((id * 7919) % 80_000)])
        if (locationOf(bannerId) !== `https://shop.example/${bannerId}`) expect.fail(`${bannerId}`)
  })

  it('take little memory, and no more of it, whatever banners clients ask for', () => {
    const { locationOf } = newRulings(new TestBanners(), {
      fallbackUrl: 'https://shop.example/?b={banner_id}',
    })
    const askFor = (first: number, banners: number) => {
      for (let id = first; id < first + banners; id++) locationOf(id)
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const first = askFor(1, 150_000)
    expect(first - before).to.be.below(60 * 2 ** 20)
    expect(askFor(1_000_000, 50_000) - first).to.be.below(10 * 2 ** 20)
  })

  it('fill in the fallback for each banner', () => {
    const banners = new TestBanners().put(1).put(2, { target: TARGET, isActive: false })
    const { locationOf } = newRulings(banners, { fallbackUrl: 'https://shop.example/?b={banner_id}' })
    for (const id of [1, 2, 3, 1, 2, 3]) expect(locationOf(id)).to.equal(`https://shop.example/?b=${id}`)
  })

  it('give who wants a page one that loads and runs nothing, and says the same as the JSON', () => {
    const { click } = newRulings(new TestBanners().put(1).put(2, { target: TARGET, isActive: false }))
    for (const id of [1, 2, 3]) {
      const { message } = JSON.parse(click(id).body)
      const { headers, body } = click(id, '', true)
      expect(headers['content-type']).to.equal('text/html; charset=utf-8')
      expect(headers['content-length']).to.equal(Buffer.byteLength(body))
      expect(body).to.include(message).and.include('<meta name="robots" content="noindex">')
      expect(body).not.to.match(/<script|<link|<img|src=|href=|url\(|[^ -~\n]/i)
      expect(body).to.include('<h1>This link leads nowhere</h1>')
    }
  })

  it('tell people of a link that leads somewhere later on that it is worth another try', () => {
    const banners = new TestBanners()
    banners.isKnown = false
    const { body, statusCode } = newRulings(banners).click(1, '', true)
    expect(statusCode).to.equal(503)
    expect(body).to.include('<h1>This link does not lead on yet</h1>').and.include('try again later')
    expect(body).not.to.include('nowhere')
  })
})
