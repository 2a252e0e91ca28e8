import type { Step } from './step.ts'
import type { TimeRange } from './time-range.ts'

/** A question about the clicks of one banner. */
export interface Question extends TimeRange {
  readonly step: Step
  /** As `zoneNamed` writes it. It decides where quarters, hours, days, weeks and months begin. */
  readonly timeZone: string
  /** Whether steps without clicks are entries, too. */
  readonly fill: boolean
  /** Which other range stands beside it; see comparedRange. */
  readonly compare: Comparison | null
}

export const COMPARISONS = ['previous', 'year'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** Which banners a question is about. */
export type BannerChoice =
  | { readonly kind: 'ids'; readonly ids: readonly number[] }
  | { readonly kind: 'campaign'; readonly campaign: string }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'all' }

export const GROUPS = ['banner', 'campaign', 'none'] as const
export type Group = (typeof GROUPS)[number]

/** A question about the clicks of many banners, of which each group has its own sums and entries. */
export interface ManyQuestion extends Question {
  readonly choice: BannerChoice
  readonly group: Group
  /** How many groups are wanted: those with the most valid clicks. null: all. */
  readonly top: number | null
}
