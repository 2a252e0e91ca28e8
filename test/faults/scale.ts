/** Every test run has the bounded form. test/faults/run.ts sets the long one. */
const isLong = process.env.CLICKCOUNTER_TEST_FAULTS === 'long'

/** How often a fault happens, how long it lasts, or which ones do. */
export function scaled<T>(bounded: T, long: T): T {
  return isLong ? long : bounded
}
