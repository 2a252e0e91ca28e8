import { byClass } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'

/** The clicks are those of valid, bot and duplicate; the last ones that are 0 are left out, but for the valid ones. */
export type Row = readonly [bannerId: number, minute: number, valid: number, ...filtered: number[]]

/** `clicks`: of each class. */
export function rowOf(bannerId: number, minute: number, clicks: readonly number[]): Row {
  const [valid, ...filtered] = clicks as [number, ...number[]]
  return [bannerId, minute, valid, ...filtered.slice(0, filtered.findLastIndex(count => count !== 0) + 1)]
}

export function rowsOf({ bannerIds, minutes, clicks }: Rows): Row[] {
  return Array.from(bannerIds, (bannerId, row) =>
    rowOf(
      bannerId,
      minutes[row]!,
      clicks.map(column => column[row]!),
    ),
  )
}

/** Of rows that ascend. */
export function rowsFrom(rows: readonly Row[]): Rows {
  return {
    bannerIds: Int32Array.from(rows, ([bannerId]) => bannerId),
    minutes: Int32Array.from(rows, ([, minute]) => minute),
    clicks: byClass(clickClass => Float64Array.from(rows, row => row[2 + clickClass] ?? 0)),
  }
}
