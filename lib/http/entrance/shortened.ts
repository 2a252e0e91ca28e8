/** A message repeats so many characters of a wrong text. */
const QUOTED_LENGTH = 40

export function shortened(text: string): string {
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text
}
