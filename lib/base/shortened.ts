/** Characters of a wrong text that a message repeats. */
const QUOTED_LENGTH = 40

export function shortened(text: string): string {
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text
}
