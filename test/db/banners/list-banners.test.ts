import { expect } from 'chai'
import type pg from 'pg'
import { BannerStore } from '../../../db/banners/banner-store.ts'
import type { BannerQuery } from '../../../db/banners/list-banners.ts'
import { IS_ON_CITUS } from '../../../db/connection/citus.ts'
import type { BannerContent } from '../../../lib/banners/banner.ts'
import type { TestDatabase } from '../../support/database.ts'
import { PLAIN } from './banner-files.ts'
import { EDIT, EVERYTHING, PUT, useStore } from './test-store.ts'

const HOUR_MS = 3_600_000

describe('lists of banners', () => {
  let database: TestDatabase
  let store: BannerStore
  useStore(made => ({ database, store } = made))

  const idsOf = async (query: Partial<BannerQuery>) =>
    (await store.list({ after: 0, limit: 100, ...EVERYTHING, ...query })).map(({ id }) => id)

  it('are empty where there is none', async () => {
    expect(await idsOf({})).to.deep.equal([])
  })

  it('come in pages that stay right under changes', async () => {
    for (const id of [1, 3, 5, 7, 9]) await store.put(id, { ...PLAIN, name: `n${id}` }, PUT)
    expect(await idsOf({ limit: 2 })).to.deep.equal([1, 3])
    await store.remove(3, EDIT)
    await store.put(2, PLAIN, PUT)
    await store.put(6, PLAIN, PUT)
    expect(await idsOf({ limit: 2, after: 3 })).to.deep.equal([5, 6])
    expect(await idsOf({ after: 9 })).to.deep.equal([])
  })

  it('have what is looked for, by name, campaign, label and state', async () => {
    const nowMs = Date.now()
    const all: readonly (readonly [number, Partial<BannerContent>])[] = [
      [1, { name: 'Ärzte (50% off) a.b', campaign: 'a', labels: ['x', 'y'] }],
      [2, { name: 'ärzte im öl', campaign: 'a', isActive: false }],
      [3, { name: 'STRASSE', campaign: 'A', labels: ['y'], activeFromMs: nowMs - HOUR_MS }],
      [4, { name: 'Straße', labels: ['x|y'], activeFromMs: nowMs + HOUR_MS }],
      [5, { name: 'ДОМ', activeUntilMs: nowMs - HOUR_MS }],
      [6, { name: 'a\\b [^x] 😀', activeFromMs: nowMs - HOUR_MS, activeUntilMs: nowMs + HOUR_MS }],
    ]
    for (const [id, content] of all) await store.put(id, { ...PLAIN, ...content }, PUT)
    const found: readonly (readonly [string, readonly number[]])[] = [
      ...([
        ['ÄRZTE', [1, 2]],
        ['äRz', [1, 2]],
        ['straße', [3, 4]],
        ['дом', [5]],
        ['Öl', [2]],
      ] as const),
      ...([
        ['50% OFF)', [1]],
        ['a.b', [1]],
        ['a_b', []],
        ['A\\B', [6]],
        ['[^x]', [6]],
        ['😀', [6]],
      ] as const),
      ...([
        ['', [1, 2, 3, 4, 5, 6]],
        ['.*', []],
        ['(?i)', []],
        ['***=', []],
        ["'", []],
      ] as const),
    ]
    for (const [q, ids] of found) expect(await idsOf({ q }), q).to.deep.equal(ids)
    expect(await idsOf({ campaign: 'a' })).to.deep.equal([1, 2])
    expect(await idsOf({ label: 'y' })).to.deep.equal([1, 3])
    expect(await idsOf({ label: 'x|y' })).to.deep.equal([4])
    expect(await idsOf({ isActive: true })).to.deep.equal([1, 3, 6])
    expect(await idsOf({ isActive: false })).to.deep.equal([2, 4, 5])
    expect(await idsOf({ isActive: true, q: 'im', label: 'x' })).to.deep.equal([])
    expect(await idsOf({ isActive: true, q: 'ä', label: 'x', campaign: 'a' })).to.deep.equal([1])
  })

  it('are given up by Postgres when they take longer than the service waits', async () => {
    const asked: string[] = []
    const client = {
      query: async (text: string) => {
        if (text === IS_ON_CITUS) return { rows: [{ isOnCitus: false }] }
        asked.push(text)
        return { rows: [], command: 'COMMIT' }
      },
      release: () => {},
    }
    const recorded = new BannerStore({ connect: async () => client } as unknown as pg.Pool)
    await recorded.list({ after: 0, limit: 100, ...EVERYTHING, q: 'n' })
    expect(asked[0]).to.match(/^BEGIN .*READ ONLY; .*SET LOCAL statement_timeout = 6000;/)
    expect(asked[1]).to.include('FROM banners')
    expect(asked.slice(2)).to.deep.equal(['COMMIT'])
  })

  it('of all come page by page', async () => {
    await database.query(
      `INSERT INTO banners SELECT number * 3, 'n', null, null, '{}', '{}', true, null, null,
         gen_random_uuid(), now(), 'shell' FROM generate_series(1, 501) AS number`,
    )
    const pages: number[] = []
    const ids: number[] = []
    for await (const page of store.exportAll(EVERYTHING)) {
      pages.push(page.length)
      ids.push(...page.map(({ id }) => id))
    }
    expect(pages).to.deep.equal([250, 250, 1])
    expect(ids).to.deep.equal(Array.from({ length: 501 }, (_, index) => (index + 1) * 3))
  })
})
