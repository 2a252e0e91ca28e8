/** The value in the middle; of an even number, the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

/** Of each round, in which both have one value, in the same order. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  if (values.length !== base.length)
    throw new Error(
      `a ratio needs as many values (${values.length}) as it has rounds to compare (${base.length})`,
    )
  return values.map((value, round) => value / base[round]!)
}

/**
 * The median of each round's own ratio. What slows the machine down for a while slows both sides of a round
 * down; a ratio of medians would compare rounds with each other.
 */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(ratios(values, base))
}

/** The smallest value that at least `fraction` (0 … 1) of all values do not exceed. NaN of none. */
export function quantile(values: Float64Array | readonly number[], fraction: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}

/** By how much y grows for each 1 of x: the line of least squares through the points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const products = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return products / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
