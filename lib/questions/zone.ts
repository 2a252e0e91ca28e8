import { didYouMean } from '../base/nearest.ts'

/** Longer than any name. What is longer is not looked for among them. */
const MAX_LENGTH = 40
/** Temporal takes offsets such as +01:00 as well, and no zone has such a name. */
const NAME = /^[A-Za-z]/

/** The IANA name of a time zone in its usual letters, or null. `europe/berlin` is Europe/Berlin. */
export function zoneNamed(text: string): string | null {
  if (text.length > MAX_LENGTH || !NAME.test(text)) return null
  try {
    return new Temporal.ZonedDateTime(0n, text).timeZoneId
  } catch {
    return null
  }
}

/** Says that a text is no time zone, and which one was probably meant. */
export function wrongZone(text: string): string {
  const guess = text.length > MAX_LENGTH ? '' : didYouMean(text, Intl.supportedValuesOf('timeZone'))
  return `is no time zone${guess}: it must be a name such as UTC or Europe/Berlin`
}
