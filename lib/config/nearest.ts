/** More slips than this and a suggestion would be a guess. */
const mostSlips = 2

/** The candidate that `written` most probably is, typing errors and another style of case aside; or null. */
export function nearest(written: string, candidates: readonly string[]): string | null {
  const slips = candidates.map(candidate => slipsBetween(plain(written), plain(candidate)))
  const fewest = Math.min(...slips)
  return fewest > mostSlips ? null : candidates[slips.indexOf(fewest)]!
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Levenshtein's distance: letters to insert, leave out or replace. */
function slipsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1))
    }
    above = current
  }
  return above[b.length]!
}
