export const MAX_BANNER_ID = 2 ** 31 - 1
const PATTERN = /^[1-9]\d{0,9}$/

/** As much of a wrong id as a message repeats. */
const QUOTED_LENGTH = 40

/** The banner id that `text` spells, or null. The one rule for every path that takes an id. */
export function parseBannerId(text: string): number | null {
  if (!PATTERN.test(text)) return null
  const bannerId = Number(text)
  return bannerId <= MAX_BANNER_ID ? bannerId : null
}

/** What to say when parseBannerId has returned null. */
export function wrongBannerId(text: string): string {
  const quoted = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text
  return `${JSON.stringify(quoted)}: a banner id is a whole number from 1 to ${MAX_BANNER_ID}, without sign or leading zeros`
}
