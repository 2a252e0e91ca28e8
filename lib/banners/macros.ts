/** What may stand in a target and is filled in for each click, with the most characters that it becomes. */
const LENGTHS = { '{banner_id}': 10, '{click_id}': 36, '{ts}': 13 } as const
export type Macro = keyof typeof LENGTHS
export const MACROS = Object.keys(LENGTHS) as Macro[]

/** Finds each macro, with `String.split` as an entry of its own. */
export const MACRO = new RegExp(`(${MACROS.join('|')})`)

/** How many characters a text has at most, once its macros are filled in. */
export function filledLength(text: string): number {
  return text
    .split(MACRO)
    .reduce((length, part, index) => length + (index % 2 === 1 ? LENGTHS[part as Macro] : part.length), 0)
}
