import { MAX_BANNER_ID } from '../../banners/banner-id.ts'
import { shortened } from '../../base/shortened.ts'
import { type BulkEntry, MAX_ENTRIES } from '../../ingest/bulk.ts'

/** Clicks of one entry. */
export const MAX_COUNT = 10_000
/** Clicks of all entries together. */
export const MAX_CLICKS = 1_000_000

/** The body of a bulk in which nothing is wrong. */
export interface BulkBody {
  readonly clicks: readonly BulkEntry[]
}

/**
 * What is wrong with a parsed body; null: nothing. Of several bad entries it names the first, by its place.
 * It is written by hand, because a schema takes longer than all the rest of a bulk's way. bulk-schema.ts says
 * the same for the OpenAPI document.
 */
export function mistakeIn(body: unknown): string | null {
  if (!isObject(body)) return `the body is ${described(body)}: it must be an object with "clicks"`
  for (const key in body) if (key !== 'clicks') return `${shortened(key)} is not known: the body has "clicks"`
  const { clicks } = body
  if (!Array.isArray(clicks)) return `clicks is ${described(clicks)}: it must be a list of {"id":…,"count":…}`
  if (clicks.length < 1 || clicks.length > MAX_ENTRIES)
    return `clicks has ${clicks.length} entries: it must have 1 to ${MAX_ENTRIES}`
  let sum = 0
  for (let nth = 0; nth < clicks.length; nth++) {
    const entry: unknown = clicks[nth]
    if (!isEntry(entry)) return `clicks[${nth}]${mistakeInEntry(entry)}`
    sum += entry.count ?? 1
  }
  return sum > MAX_CLICKS ? `clicks are ${sum} in all: they must be at most ${MAX_CLICKS}` : null
}

function isEntry(entry: unknown): entry is BulkEntry {
  if (!isObject(entry)) return false
  // Also finds __proto__, which JSON.parse makes a key like any other.
  for (const key in entry) if (key !== 'id' && key !== 'count') return false
  const { id, count } = entry
  return isWhole(id, MAX_BANNER_ID) && (count === undefined || isWhole(count, MAX_COUNT))
}

function isWhole(value: unknown, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max
}

function mistakeInEntry(entry: unknown): string {
  if (!isObject(entry)) return ` is ${described(entry)}: it must be an object with "id", perhaps "count"`
  for (const key in entry)
    if (key !== 'id' && key !== 'count')
      return `.${shortened(key)} is not known: an entry has "id", perhaps "count"`
  const { id, count } = entry
  return isWhole(id, MAX_BANNER_ID)
    ? `.count is ${described(count)}: it must be a whole number from 1 to ${MAX_COUNT}`
    : `.id is ${described(id)}: it must be a whole number from 1 to ${MAX_BANNER_ID}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A few words for a value, however large it is. */
function described(value: unknown): string {
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'string' ? JSON.stringify(shortened(value)) : String(value)
}
