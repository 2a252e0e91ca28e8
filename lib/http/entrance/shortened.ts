/** As much of a wrong text as a message repeats. */
const QUOTED_LENGTH = 40

export function shortened(text: string): string {
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text
}
