/** What is counted: a row for each banner and minute, ascending by banner, then minute, each pair once. */
export interface Rows {
  readonly bannerIds: Int32Array<ArrayBuffer>
  /** Minutes since the epoch. */
  readonly minutes: Int32Array<ArrayBuffer>
  readonly clicks: Float64Array<ArrayBuffer>
}

export function totalClicks({ clicks }: Rows): number {
  return clicks.reduce((sum, count) => sum + count, 0)
}
