import type { Parsed } from './domains.ts'

/** Wrong entries that a message names. */
const MAX_NAMED = 5

/** The entries of a text, separated by commas or blanks. */
export function entriesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(entry => entry !== '')
}

/** The entries of a text: each as `parseEntry` reads it, and each once. */
export function parseList(
  text: string,
  parseEntry: (entry: string) => Parsed<string>,
): Parsed<readonly string[]> {
  const entries = entriesOf(text)
  if (entries.length === 0) return { wrong: 'which names none' }
  const parsed = entries.map(parseEntry)
  const wrong = parsed.flatMap(each => ('wrong' in each ? [each.wrong] : []))
  if (wrong.length > 0) return { wrong: `in which ${shortened(wrong).join('; ')}` }
  return { value: [...new Set(parsed.flatMap(each => ('value' in each ? [each.value] : [])))] }
}

function shortened(wrong: readonly string[]): readonly string[] {
  if (wrong.length <= MAX_NAMED) return wrong
  return [...wrong.slice(0, MAX_NAMED), `and ${wrong.length - MAX_NAMED} more`]
}
