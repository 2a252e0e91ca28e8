import { quote } from '../config/wording.ts'

const LEAST_CHARACTERS = 3
const MOST_CHARACTERS = 256
const VISIBLE_ASCII = /^[ -~]*$/
/** Of regular expressions, wildcards and lists with columns. Taken as a text, such a line would match nothing. */
const NO_TEXT = /[\\|*]|\.\+|\(\?/
/** What an ordinary browser calls itself, without its version. */
const ORDINARY =
  'mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/0.0.0.0 safari/537.36'

/**
 * A line of the file of patterns, as it is looked for: in lower case. It is a part of a User-Agent; with `^` before it,
 * the beginning of one, with `$` behind it, the end. A line that says something else is refused with what is wrong.
 */
export function parsePattern(line: string): { readonly value: string } | { readonly wrong: string } {
  const wrong = (what: string) => ({ wrong: `${quote(line)} ${what}` })
  if (!VISIBLE_ASCII.test(line)) return wrong('has other characters than visible ASCII')
  if (NO_TEXT.test(line)) return wrong('is no plain text: \\ | * .+ and (? are not understood')
  const value = line.toLowerCase()
  const { length } = textOf(value).text
  if (length < LEAST_CHARACTERS) return wrong(`is too short: at least ${LEAST_CHARACTERS} characters`)
  if (length > MOST_CHARACTERS) return wrong(`is too long: at most ${MOST_CHARACTERS} characters`)
  if (expressionOf([value]).test(ORDINARY)) return wrong('is in the User-Agent of ordinary browsers')
  return { value }
}

/**
 * One expression for all patterns. Each is a plain text in it, so nothing repeats and nothing can run away: at each
 * character of a User-Agent, the texts are compared, and that is all. Sorted: V8 compares what neighbours have in common
 * once.
 */
export function expressionOf(patterns: readonly string[]): RegExp {
  const sources = patterns.toSorted().map(pattern => {
    const { isAtStart, text, isAtEnd } = textOf(pattern)
    return `${isAtStart ? '^' : ''}${RegExp.escape(text)}${isAtEnd ? '$' : ''}`
  })
  return new RegExp(sources.join('|'), 'i')
}

function textOf(pattern: string) {
  const isAtStart = pattern.startsWith('^')
  const isAtEnd = pattern.endsWith('$')
  return { isAtStart, isAtEnd, text: pattern.slice(isAtStart ? 1 : 0, isAtEnd ? -1 : undefined) }
}
