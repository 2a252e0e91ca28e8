/**
 * SQL of settings for what reads all banners of a range. They keep the planner from reading the whole month, as it would while
 * it has no statistics of it, from putting sums on the disk, and from compiling what takes less time than that.
 */
export const ALL_BANNERS: readonly string[] = [
  'SET LOCAL enable_seqscan = off',
  "SET LOCAL work_mem = '64MB'",
  'SET LOCAL jit = off',
]
