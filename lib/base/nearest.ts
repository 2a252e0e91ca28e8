import { closestMatch } from 'leven'

/** With more typing errors than this, a suggestion would be a guess. */
const MAX_DISTANCE = 2

/**
 * The candidate that `written` most probably means, apart from typing errors and
 * another style of case; or null.
 */
export function nearest(written: string, candidates: readonly string[]): string | null {
  const byPlainText = new Map(candidates.map(candidate => [plain(candidate), candidate]))
  const found = closestMatch(plain(written), [...byPlainText.keys()], { maxDistance: MAX_DISTANCE })
  return found === undefined ? null : byPlainText.get(found)!
}

/** For a message about a wrong text: asks for the nearest candidate, with a space in front. Empty where there is none. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const meant = nearest(written, candidates)
  return meant === null ? '' : ` (did you mean ${meant}?)`
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}
