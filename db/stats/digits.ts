/** Exact digits, as Postgres prints them: a sum may pass 2^53. */
export type Digits = string

/** Clicks by class; `total` are the valid ones. */
export interface Sums {
  readonly total: Digits
  readonly bots: Digits
  readonly duplicates: Digits
}

export const NO_CLICKS: Sums = { total: '0', bots: '0', duplicates: '0' }

export function sumOf(parts: readonly Sums[]): Sums {
  const sum = (name: keyof Sums) => parts.reduce((clicks, part) => clicks + BigInt(part[name]), 0n).toString()
  return { total: sum('total'), bots: sum('bots'), duplicates: sum('duplicates') }
}
