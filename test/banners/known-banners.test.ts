import { expect } from 'chai'
import fc from 'fast-check'
import { copyRecords, emptyOverlay, mergedTables } from '../../lib/banner-watch/merge.ts'
import { isActiveAt } from '../../lib/banners/activity.ts'
import type { ClickedBanner } from '../../lib/banners/banner-lookup.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { KnownBanners } from '../../lib/banners/known-banners.ts'
import type { Revision } from '../../lib/banners/revision.ts'
import { newTableMemory, TableBuilder } from '../../lib/banners/table-builder.ts'
import { newRevision } from '../support/banners.ts'

/** So few that changes meet, and that many fall on one place of an index: it has two slots for three of them. */
const idArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 31 - 1, 2 ** 31 - 2, 2 ** 30) },
)

const textArbitrary = fc.oneof(
  fc.constantFrom('', '\n', 'a\nb', 'ü\u{1F600}', '[]\n', '\0'),
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: 1, max: 70_000 }).map(length => 'x'.repeat(length)),
)

const timeArbitrary = fc.option(
  fc.oneof(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), fc.constantFrom(0, -1, 8.64e15)),
)

const bannerArbitrary: fc.Arbitrary<ClickedBanner> = fc.record({
  id: idArbitrary,
  target: fc.option(textArbitrary),
  passQuery: fc.oneof(fc.constant([]), fc.array(textArbitrary, { maxLength: 4 })),
  isActive: fc.boolean(),
  activeFromMs: timeArbitrary,
  activeUntilMs: timeArbitrary,
})

type Change = { readonly put: ClickedBanner } | { readonly remove: number }

const changeArbitrary: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: bannerArbitrary.map(put => ({ put })) },
  { weight: 1, arbitrary: idArbitrary.map(remove => ({ remove })) },
)

/** What happens to the tables: some banners change, or a new base takes the overlay in. */
const stepArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.array(changeArbitrary, { maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constant('merge' as const) },
)

async function tablesOf(banners: Iterable<ClickedBanner>, revision = newRevision()): Promise<BannerTables> {
  const builder = new TableBuilder()
  for (const banner of banners) builder.put(banner)
  const base = await builder.build(revision, null)
  return { base, overlay: await emptyOverlay(base) }
}

/** As main does it, in memory that may have held another table. */
async function changed(
  { base, overlay }: BannerTables,
  changes: readonly Change[],
  revision: Revision,
  memory: SharedArrayBuffer,
): Promise<BannerTables> {
  const builder = new TableBuilder(memory)
  await copyRecords(overlay, builder, () => true)
  for (const change of changes) {
    if ('put' in change) builder.put(change.put)
    else builder.remove(change.remove)
  }
  return { base, overlay: await builder.build(revision, base) }
}

/** Two buffers that serve in turn. */
function newMemories(): () => SharedArrayBuffer {
  const memories = [newTableMemory(), newTableMemory()]
  let turn = 0
  return () => memories[turn++ % memories.length]!
}

function expectSame(known: KnownBanners, model: ReadonlyMap<number, ClickedBanner>): void {
  expect(known.count).to.equal(model.size)
  for (const id of [...Array.from({ length: 62 }, (_, index) => index), ...model.keys(), 2 ** 31 - 3]) {
    expect(known.has(id), `has ${id}`).to.equal(model.has(id))
    const banner = model.get(id) ?? null
    expect(known.find(id)).to.deep.equal(banner)
    for (const nowMs of [0, banner?.activeFromMs ?? 1, banner?.activeUntilMs ?? -1])
      expect(known.isActiveAt(id, nowMs), `${id} at ${nowMs}`).to.equal(banner && isActiveAt(banner, nowMs))
  }
}

describe('the registered banners, as threads know them', () => {
  it('are those of a Map that sees the same changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(bannerArbitrary, { maxLength: 40 }),
        fc.array(stepArbitrary, { maxLength: 8 }),
        async (banners, steps) => {
          const model = new Map(banners.map(banner => [banner.id, banner]))
          const nextMemory = newMemories()
          let tables = await tablesOf(banners)
          const known = new KnownBanners()
          known.replace(tables)
          expectSame(known, model)
          for (const step of steps) {
            if (step === 'merge') {
              tables = await mergedTables(tables)
            } else {
              tables = await changed(tables, step, newRevision(), nextMemory())
              for (const change of step) {
                if ('put' in change) model.set(change.put.id, change.put)
                else model.delete(change.remove)
              }
            }
            known.replace(tables)
            expectSame(known, model)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('are not known at first, and have another edition after each change', async () => {
    const known = new KnownBanners()
    expect([known.isKnown, known.count, known.has(1), known.find(1)]).to.deep.equal([false, 0, false, null])
    const { edition } = known
    const tables = await tablesOf([])
    known.replace(tables)
    expect([known.isKnown, known.count, known.has(1), known.find(1)]).to.deep.equal([true, 0, false, null])
    expect(known.edition).not.to.equal(edition)
  })

  it('tell the revision that each table is of, and the base of an overlay', async () => {
    const [first, second] = [newRevision(), { ...newRevision(), revision: 2 ** 40 }]
    const { base } = await tablesOf([], first)
    expect(base).to.include({ ...first, baseToken: null })
    const { overlay } = await changed(
      { base, overlay: await emptyOverlay(base) },
      [],
      second,
      newTableMemory(),
    )
    expect(overlay).to.include({ ...second, baseToken: first.token })
  })

  it('have a limit for the text of one banner, which names the banner', () => {
    const builder = new TableBuilder()
    const banner = { id: 7, passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
    expect(() => builder.put({ ...banner, target: 'x'.repeat(2 ** 24) })).to.throw(
      /of banner 7 take 16777216/,
    )
  })
})
