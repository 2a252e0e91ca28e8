import { shortened } from '../base/shortened.ts'

export const MAX_BANNER_ID = 2 ** 31 - 1
const PATTERN = /^[1-9]\d{0,9}$/

/** The banner id that `text` spells, or null. The one rule for all paths with an id. */
export function parseBannerId(text: string): number | null {
  if (!PATTERN.test(text)) return null
  const bannerId = Number(text)
  return bannerId <= MAX_BANNER_ID ? bannerId : null
}

/** The message about a text that is not a banner id. */
export function wrongBannerId(text: string): string {
  const rule = `a banner id is a whole number from 1 to ${MAX_BANNER_ID}, without sign or leading zeros`
  return `${JSON.stringify(shortened(text))}: ${rule}`
}
