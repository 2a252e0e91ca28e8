/** What may stand in a target, and is filled in for each click. */
export const MACROS = ['{banner_id}', '{click_id}', '{ts}'] as const
export type Macro = (typeof MACROS)[number]

/** Finds each macro, with `String.split` as an entry of its own. */
export const MACRO = new RegExp(`(${MACROS.join('|')})`)
