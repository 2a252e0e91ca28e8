import type { BannerTable, BannerTables } from '../banners/banner-table.ts'
import { TableBuilder } from '../banners/table-builder.ts'
import { Pace } from '../base/pace.ts'

/** An overlay is built anew at each change, so it should be small: a few milliseconds of work. */
const MOST_CHANGES = 4096
/** Of a large base, an overlay may have this part: a base is rebuilt less often then. */
const PART_OF_BASE = 1 / 64

/** Whether the next base should take the changes in. */
export function isOverlayFull({ base, overlay }: BannerTables): boolean {
  return overlay.entries > Math.max(MOST_CHANGES, base.entries * PART_OF_BASE)
}

/** A new base, which holds what both tables do. It takes a second copy of the base for the time of the work. */
export async function mergedTables({ base, overlay }: BannerTables): Promise<BannerTables> {
  const builder = new TableBuilder()
  await copyRecords(base, builder, record => overlay.recordOf(base.idAt(record)) === 0)
  await copyRecords(overlay, builder, record => !overlay.isRemoved(record))
  const merged = await builder.build(overlay, null)
  return { base: merged, overlay: await emptyOverlay(merged) }
}

/** Copies the records that are wanted. */
export async function copyRecords(
  from: BannerTable,
  to: TableBuilder,
  isWanted: (record: number) => boolean,
): Promise<void> {
  const pace = new Pace()
  for (let slot = 0; slot < from.slots; slot++) {
    const record = from.recordIn(slot)
    if (record !== 0 && isWanted(record)) to.copy(from, record)
    if (pace.isDue) await pace.rest()
  }
}

/** Nothing has changed since the base. */
export function emptyOverlay(base: BannerTable): Promise<BannerTable> {
  return new TableBuilder().build(base, base)
}
