import { median, ratios } from '../measuring/statistics.ts'

/** For a table: the median of the rounds' own ratios, and their range. */
export function ratioCells(values: readonly number[], base: readonly number[]): [string, string] {
  const all = ratios(values, base)
  return [median(all).toFixed(3), `${Math.min(...all).toFixed(3)} … ${Math.max(...all).toFixed(3)}`]
}
