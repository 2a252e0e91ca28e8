/** Spaces stand between other characters only. Nothing that steers a terminal or turns the text around. */
const PLAIN_LINE = /^(?!\s)[^\p{C}\p{Zl}\p{Zp}]+(?<!\s)$/u

/** For messages, behind a number of characters. */
export const PLAIN_LINE_RULE = 'no line breaks or control characters, and no space at its ends'

/** Whether a text that people give something as its name is one line of so many characters at most, and not empty. */
export function isPlainLine(text: string, maxCharacters: number): boolean {
  return Array.from(text).length <= maxCharacters && PLAIN_LINE.test(text)
}
