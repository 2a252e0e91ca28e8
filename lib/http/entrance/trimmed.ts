const TAB = 0x09
const SPACE = 0x20

/**
 * A value of a header as Node's parser hands it over: without the spaces and tabs around it. By hand, because `trim`
 * takes other characters for spaces, and because a regular expression for the end would look at each space as often as
 * there are some.
 */
export function trimmed(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isBlank(value.charCodeAt(start))) start++
  while (start < end && isBlank(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
