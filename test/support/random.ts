/** Whole numbers below `limit`. The same seed gives the same numbers (mulberry32). */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed | 0
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

/** A seed for one run: that of an earlier one in CLICKCOUNTER_TEST_SEED, or any. Each assertion's message must show it. */
export function newSeed(): number {
  return Number(process.env.CLICKCOUNTER_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
}
