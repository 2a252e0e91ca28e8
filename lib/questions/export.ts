import type { TimeRange } from './time-range.ts'

/** Each is so many minutes long, and begins with a multiple of that since the epoch: in UTC. */
export const EXPORT_STEPS = { minute: 1, quarter: 15, hour: 60, day: 1440 } as const
export type ExportStep = keyof typeof EXPORT_STEPS

/** Of a step and a banner: where an export goes on. */
export interface ExportPlace {
  /** Where the step begins, in minutes since the epoch. */
  readonly start: number
  readonly bannerId: number
}

/** What an export is of: all banners, step by step. Both ends of the range are starts of steps. */
export interface ExportQuestion extends TimeRange {
  readonly step: ExportStep
  /** Only what comes behind it. null: all. */
  readonly after: ExportPlace | null
}
