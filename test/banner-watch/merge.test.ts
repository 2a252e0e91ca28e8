import { expect } from 'chai'
import { isOverlayFull, mergedTables } from '../../lib/banner-watch/merge.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { newRevision } from '../support/banners.ts'
import { bannersIn, PLAIN } from './tables.ts'

const FEW = 4096
const MANY = 64 * 5000

describe('the overlay of a base', () => {
  async function newTables(registered: number, changed: number): Promise<BannerTables> {
    const base = new TableBuilder()
    for (let id = 1; id <= registered; id++) base.put({ ...PLAIN, id })
    const builtBase = await base.build(newRevision(), null)
    const overlay = new TableBuilder()
    for (let id = 1; id <= changed; id++) overlay.put({ ...PLAIN, id, target: 'https://b.example/' })
    overlay.remove(1)
    return { base: builtBase, overlay: await overlay.build(newRevision(), builtBase) }
  }

  it('may have some thousand changes, or a part of a large base', async () => {
    for (const [registered, changes] of [
      [0, FEW],
      [FEW, FEW],
      [MANY, MANY / 64],
    ] as const) {
      expect(isOverlayFull(await newTables(registered, changes))).to.equal(false)
      expect(isOverlayFull(await newTables(registered, changes + 1))).to.equal(true)
    }
  })

  it('and its base become one base with the same banners, as of the same revision', async () => {
    const tables = await newTables(100, 150)
    const merged = await mergedTables(tables)
    const { revision, token, database } = tables.overlay
    const isOfIt = { revision, token, database, registered: 149 }
    expect(merged.base).to.include({ ...isOfIt, entries: 149, baseToken: null })
    expect(merged.overlay).to.include({ ...isOfIt, entries: 0, baseToken: token })
    expect(bannersIn(merged)).to.deep.equal(bannersIn(tables))
  })
})
