import fc from 'fast-check'
import { GRAIN_MINUTES, GRAINS, type Grain } from '../../../../db/history/import/grain.ts'

/** By whose clock nothing is in the future. */
export const NOW_MS = Date.parse('2026-11-28T12:00:00Z')
const MINUTE_MS = 60_000
const LAST_MINUTE = NOW_MS / MINUTE_MS - 1440

export interface FileRow {
  readonly bannerId: number
  /** Since the epoch. */
  readonly minute: number
  readonly clicks: number
}

export interface History {
  readonly grain: Grain
  /** Each banner and time once, in any order. */
  readonly rows: readonly FileRow[]
}

const rowOf = (grain: Grain): fc.Arbitrary<FileRow> =>
  fc.record({
    bannerId: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    minute: fc
      .oneof(fc.integer({ min: LAST_MINUTE - 10_000, max: LAST_MINUTE }), fc.nat(LAST_MINUTE))
      .map(minute => Math.floor(minute / GRAIN_MINUTES[grain]) * GRAIN_MINUTES[grain]),
    clicks: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  })

export const histories: fc.Arbitrary<History> = fc.constantFrom(...GRAINS).chain(grain =>
  fc.record({
    grain: fc.constant(grain),
    rows: fc.uniqueArray(rowOf(grain), {
      selector: ({ bannerId, minute }) => `${bannerId} ${minute}`,
      minLength: 2,
      maxLength: 30,
    }),
  }),
)

/** How a file is written. */
interface Style {
  readonly order: readonly ('banner' | 'time' | 'clicks')[]
  readonly isQuoted: boolean
  readonly hasOffsets: boolean
}

export const styles: fc.Arbitrary<Style> = fc.record({
  order: fc.shuffledSubarray(['banner', 'time', 'clicks'] as const, { minLength: 3 }),
  isQuoted: fc.boolean(),
  hasOffsets: fc.boolean(),
})

/** The lines of a file, its column names first. */
export function linesOf({ grain, rows }: History, { order, isQuoted, hasOffsets }: Style): string[] {
  const line = (cells: Readonly<Record<'banner' | 'time' | 'clicks', string | number>>) =>
    order.map(name => (isQuoted ? `"${cells[name]}"` : cells[name])).join(',')
  return [
    line({ banner: 'banner', time: grain, clicks: 'clicks' }),
    ...rows.map(({ bannerId, minute, clicks }) =>
      line({ banner: bannerId, time: timeOf(minute, hasOffsets), clicks }),
    ),
  ]
}

function timeOf(minute: number, hasOffset: boolean): string {
  const utc = (at: number) => new Date(at * MINUTE_MS).toISOString().slice(0, 16)
  return hasOffset ? `${utc(minute + 90)}+01:30` : utc(minute)
}
