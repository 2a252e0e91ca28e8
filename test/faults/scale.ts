/** Every test run has the bounded form. test/faults/run.ts sets the long one. */
const isLong = process.env.CLICKCOUNTER_TEST_FAULTS === 'long'

/** How often a fault happens, or how long it lasts. */
export function scaled(bounded: number, long: number): number {
  return isLong ? long : bounded
}
