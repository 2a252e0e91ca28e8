/** The words of a salt. The present one is at the edition modulo SALT_COUNT, the one before it just ahead. */
export const SALT = { high: 0, low: 1, changedAtMs: 2 } as const
export const SALT_WORDS = 4
/** A thread that is held up while it reads a salt has two more days before that one is written over. */
export const SALT_COUNT = 4
