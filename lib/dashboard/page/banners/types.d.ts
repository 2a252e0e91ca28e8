import type { bannerBody } from '../../../banners/banner-schema.ts'

/** What GET /banners/{id} answers. The type check fails where the page reads a field that it does not have. */
export type Banner = ReturnType<typeof bannerBody>

/** What GET /banners answers. */
export interface BannerPage {
  readonly banners: readonly Banner[]
  /** The cursor of the next page; null: there is none. */
  readonly next: string | null
}

/** Which banners are listed. '': any. */
export interface Filters {
  /** In the name. */
  readonly q: string
  readonly campaign: string
  readonly label: string
  /** The state now. */
  readonly state: 'all' | 'active' | 'inactive'
}

/** A banner's state now. `early`: it is not active yet. */
export type StateKind = 'active' | 'inactive' | 'early' | 'ended'

/** Clicks by banner id. A banner that is not in it has not been asked for, or its clicks are not known. */
export interface RowClicks {
  readonly today: ReadonlyMap<number, number>
  readonly yesterday: ReadonlyMap<number, number>
}

/** What POST /stats answers, as far as the page reads it. */
export interface Sums {
  readonly banners: readonly { readonly bannerId: number; readonly total: number }[]
}

/** A page of the list. */
export interface Position {
  readonly filters: Filters
  /** The cursor of the page; '': it is the first. */
  readonly after: string
  /** The cursors of the pages that led here, from the first on. */
  readonly trail: readonly string[]
}

export type FieldName =
  | 'name'
  | 'target'
  | 'campaign'
  | 'labels'
  | 'passQuery'
  | 'isActive'
  | 'activeFrom'
  | 'activeUntil'

/** A banner as a form has it. */
export type FieldTexts = Readonly<Record<FieldName, string>>

/** What GET /banners/{id}/changes answers. */
export interface ChangesPage {
  readonly changes: readonly Change[]
  readonly next: string | null
}

export interface Change {
  readonly revision: number
  readonly at: string
  readonly by: string
  /** The changed fields as they were. null: there was no banner. */
  readonly before: ChangedFields | null
  /** The changed fields as they became. null: the banner was deleted. */
  readonly after: ChangedFields | null
}

export type ChangedFields = Partial<Pick<Banner, FieldName>>

/** What POST /banners answers. */
export interface ImportReport {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** The first banners that would be new or changed. */
  readonly sample: readonly SampledChange[]
}

export interface SampledChange {
  readonly id: number
  readonly before: ChangedFields | null
  readonly after: ChangedFields
}
