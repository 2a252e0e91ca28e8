/** What a client says of a banner. */
export interface BannerContent {
  readonly name: string
  /** Where /click/{id} leads: as `normalTarget` returns it. null: to the fallback. */
  readonly target: string | null
  readonly campaign: string | null
  /** Sorted, each once. */
  readonly labels: readonly string[]
  /** Names of parameters of the click that go along to the target, each once. */
  readonly passQuery: readonly string[]
  readonly isActive: boolean
  /** It is not active before; milliseconds since the epoch. null: since ever. */
  readonly activeFromMs: number | null
  /** It is not active from then on; after `activeFromMs`. null: for ever. */
  readonly activeUntilMs: number | null
}

/** A banner that is registered. */
export interface Banner extends BannerContent {
  readonly id: number
  /** A UUID, and another one after each change of the banner. */
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly updatedAtMs: number
  /** The name of the key that changed it last, or `shell`. */
  readonly updatedBy: string
}
