/** The bounded form is part of every test run; test/faults/run.ts asks for the long one. */
const isLong = process.env.CLICKCOUNTER_TEST_FAULTS === 'long'

/** How often, or how long, a fault goes on. */
export function scaled(bounded: number, long: number): number {
  return isLong ? long : bounded
}
