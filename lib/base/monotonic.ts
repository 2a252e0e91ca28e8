/**
 * Milliseconds on a clock that nobody puts forward or back, since some time in the past. It is the same clock in all
 * threads; performance.now() begins anew in each.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
