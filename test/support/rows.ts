import { byClass } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'

/** The clicks are those of valid, bot and duplicate; the last ones that are 0 are left out, but for the valid ones. */
export type Row = readonly [bannerId: number, minute: number, valid: number, ...filtered: number[]]

export function rowsOf({ bannerIds, minutes, clicks }: Rows): Row[] {
  return Array.from(bannerIds, (bannerId, row) => {
    const [valid, ...filtered] = clicks.map(column => column[row]!) as [number, ...number[]]
    const inUse = filtered.findLastIndex(count => count !== 0) + 1
    return [bannerId, minutes[row]!, valid, ...filtered.slice(0, inUse)]
  })
}

/** Rows that ascend. */
export function rowsFrom(rows: readonly Row[]): Rows {
  return {
    bannerIds: Int32Array.from(rows, ([bannerId]) => bannerId),
    minutes: Int32Array.from(rows, ([, minute]) => minute),
    clicks: byClass(clickClass => Float64Array.from(rows, row => row[2 + clickClass] ?? 0)),
  }
}
