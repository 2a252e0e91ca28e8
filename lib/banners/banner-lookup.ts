import type { Banner } from './banner.ts'

/** What the answer to a click needs to know of its banner. */
export type ClickedBanner = Pick<
  Banner,
  'id' | 'target' | 'passQuery' | 'isActive' | 'activeFromMs' | 'activeUntilMs'
>

/** The registered banners, as a thread knows them. One call sees one state of them. */
export interface BannerLookup {
  /** false: neither Postgres nor a file has told yet. Then there seems to be none. */
  readonly isKnown: boolean
  /** Registered banners. */
  readonly count: number
  /** Another number after each change: what was made of a banner before is out of date. */
  readonly edition: number
  /** Costs well under a microsecond, and allocates nothing. */
  has(bannerId: number): boolean
  /** Whether it is active at that moment, in milliseconds since the epoch. null: nobody registered it. Makes no texts. */
  isActiveAt(bannerId: number, nowMs: number): boolean | null
  /** null: nobody registered it. It makes texts, and costs several times as much. */
  find(bannerId: number): ClickedBanner | null
}

/** Nobody registered any banner. */
export const NO_BANNERS: BannerLookup = {
  isKnown: true,
  count: 0,
  edition: 0,
  has: () => false,
  isActiveAt: () => null,
  find: () => null,
}
