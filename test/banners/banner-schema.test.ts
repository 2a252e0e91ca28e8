import { expect } from 'chai'
import type { Banner } from '../../lib/banners/banner.ts'
import {
  bannerBody,
  bannerChangeSchema,
  bannerSchema,
  changeOf,
  contentOf,
  importedBannerSchema,
} from '../../lib/banners/banner-schema.ts'

const DEFAULTS = {
  target: null,
  campaign: null,
  labels: [],
  passQuery: [],
  isActive: true,
  activeFromMs: null,
  activeUntilMs: null,
}

describe('what a banner may be', () => {
  const contentIn = (body: object) => {
    const { value, error } = bannerSchema.validate(body)
    if (error !== undefined) throw error
    return contentOf(value)
  }
  const refusalOf = (body: unknown, schema = bannerSchema) => schema.validate(body).error?.message

  it('is a name, and defaults for the rest', () => {
    expect(contentIn({ name: 'Autumn sale 300×250' })).to.deep.equal({
      name: 'Autumn sale 300×250',
      ...DEFAULTS,
    })
  })

  it('is kept in one form: a normal target, sorted labels, each once, times in milliseconds', () => {
    expect(
      contentIn({
        name: 'a',
        target: 'HTTPS://Shop.example/ü?b={banner_id}',
        campaign: 'autumn',
        labels: ['mobile', 'big', 'mobile'],
        passQuery: ['utm_source', 'ref', 'utm_source'],
        isActive: false,
        activeFrom: '2026-11-27',
        activeUntil: '2026-11-27T12:00:00.5+01:00',
      }),
    ).to.deep.equal({
      name: 'a',
      target: 'https://shop.example/%C3%BC?b={banner_id}',
      campaign: 'autumn',
      labels: ['big', 'mobile'],
      passQuery: ['utm_source', 'ref'],
      isActive: false,
      activeFromMs: Date.parse('2026-11-27T00:00:00Z'),
      activeUntilMs: Date.parse('2026-11-27T11:00:00.500Z'),
    })
  })

  it('is what GET answers, which may be sent back as it is', () => {
    const banner: Banner = {
      ...contentIn({ name: 'a', target: 'https://shop.example/', activeFrom: '2026-11-27T10:00:00Z' }),
      id: 7,
      version: '00000000-0000-4000-8000-000000000000',
      updatedAtMs: Date.parse('2026-11-27T10:00:00.123Z'),
      updatedBy: 'newsroom',
    }
    const body = bannerBody(banner)
    expect(body).to.include({
      id: 7,
      activeFrom: '2026-11-27T10:00:00Z',
      activeUntil: null,
      updatedAt: '2026-11-27T10:00:00.123Z',
    })
    const { id, version, updatedAtMs, updatedBy, ...content } = banner
    expect(contentIn(body)).to.deep.equal(content)
    expect(importedBannerSchema.validate(body).error).to.equal(undefined)
  })

  it('changes only in the fields that a change has', () => {
    const { value } = bannerChangeSchema.validate({ target: null, activeUntil: null })
    expect(changeOf(value!)).to.deep.equal({ target: null, activeUntilMs: null })
  })

  it('has an id where it is imported', () => {
    expect(refusalOf({ name: 'a' }, importedBannerSchema)).to.equal('"id" is required')
    for (const id of ['7', 0, 1.5, 2 ** 31, null])
      expect(refusalOf({ id, name: 'a' }, importedBannerSchema)).to.equal(
        '"id" is a whole number from 1 to 2147483647',
      )
  })

  it('may have as much as this, counted in characters and not in halves of them', () => {
    const body = {
      name: '😀'.repeat(200),
      campaign: '店'.repeat(100),
      labels: Array.from({ length: 20 }, (_, label) => `${'😀'.repeat(48)}${label + 10}`),
      passQuery: Array.from({ length: 20 }, (_, name) => `${'~'.repeat(98)}${name + 10}`),
      target: `https://shop.example/${'a'.repeat(2048 - 21)}`,
    }
    expect(contentIn(body)).to.deep.include(body)
  })

  const refused: readonly (readonly [object, RegExp])[] = [
    [{}, /^"name" is required$/],
    [{ name: '' }, /^"name" has 1 to 200 characters, no line breaks/],
    [{ name: '😀'.repeat(201) }, /^"name" has 1 to 200/],
    [{ name: 'a\nb' }, /^"name" has 1 to 200/],
    [{ name: 7 }, /^"name" must be a string$/],
    [{ name: 'a', target: '' }, /^"target" is empty: null says that there is none$/],
    [{ name: 'a', target: 'javascript:alert(1)' }, /^the target must begin with https:\/\//],
    [{ name: 'a', target: `https://a/${'a'.repeat(2048)}` }, /^"target" length must be/],
    [{ name: 'a', target: `https://a/${'ü'.repeat(2000)}` }, /^the target has \d+ characters, and 2048/],
    [{ name: 'a', campaign: '' }, /^"campaign" has 1 to 100/],
    [{ name: 'a', campaign: 'a'.repeat(101) }, /^"campaign" has 1 to 100/],
    [{ name: 'a', labels: 'mobile' }, /^"labels" must be an array$/],
    [{ name: 'a', labels: ['a', 'b|c'] }, /^"labels\[1\]" has 1 to 50 characters, .* and no \|$/],
    [{ name: 'a', labels: ['a'.repeat(51)] }, /^"labels\[0\]" has 1 to 50/],
    [{ name: 'a', labels: Array(21).fill('a') }, /^"labels" must contain less than or equal to 20/],
    [{ name: 'a', passQuery: ['a b'] }, /^"passQuery\[0\]" has 1 to 100 characters: letters, digits/],
    [{ name: 'a', passQuery: [''] }, /^"passQuery\[0\]"/],
    [{ name: 'a', isActive: 'true' }, /^"isActive" must be a boolean$/],
    [{ name: 'a', activeFrom: 'tomorrow' }, /^"activeFrom" must be a time in ISO 8601, such as/],
    [{ name: 'a', activeFrom: 1_700_000_000_000 }, /^"activeFrom" must be a time/],
    [
      { name: 'a', activeFrom: '2026-11-27', activeUntil: '2026-11-27T00:00:00Z' },
      /^"activeFrom" must be before "activeUntil"/,
    ],
    [{ name: 'a', lables: [] }, /^"lables" is no field of a banner: they are id, name, target, /],
    [[], /^a banner is a JSON object with fields such as "name"/],
  ]
  for (const [body, says] of refused)
    it(`is not ${JSON.stringify(body).slice(0, 60)}`, () => {
      expect(() => contentIn(body)).to.throw(says)
    })
})
