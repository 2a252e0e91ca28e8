import { MAX_BANNER_ID } from '../../banners/banner-id.ts'
import { canonicalAddress } from '../../base/ip-address.ts'
import { shortened } from '../../base/shortened.ts'
import { MAX_ENTRIES } from '../../ingest/bulk.ts'
import { CLASSES } from '../../rows/classes.ts'
import type { BulkEntry } from '../entrance/bulk-entry.ts'

/** Clicks of one entry. */
export const MAX_COUNT = 10_000
/** Of an entry's User-Agent. */
export const MAX_USER_AGENT_LENGTH = 8192
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
  for (const key in entry) if (key !== 'id' && key !== 'count') return mistakeInEntry(entry) === null
  const { id, count } = entry
  return isWhole(id, MAX_BANNER_ID) && (count === undefined || isWhole(count, MAX_COUNT))
}

function isWhole(value: unknown, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max
}

const KEYS = ['id', 'count', 'class', 'userAgent', 'ip']

/** Continues `clicks[7]`. null: nothing is wrong. */
function mistakeInEntry(entry: unknown): string | null {
  if (!isObject(entry)) return ` is ${described(entry)}: it must be an object with "id", perhaps "count"`
  for (const key in entry)
    if (!KEYS.includes(key))
      return `.${shortened(key)} is not known: an entry has "id", perhaps "count" and "class", or "userAgent" and "ip"`
  const { id, count, class: name } = entry
  if (!isWhole(id, MAX_BANNER_ID))
    return `.id is ${described(id)}: it must be a whole number from 1 to ${MAX_BANNER_ID}`
  if (count !== undefined && !isWhole(count, MAX_COUNT))
    return `.count is ${described(count)}: it must be a whole number from 1 to ${MAX_COUNT}`
  if (name !== undefined && !CLASSES.some(each => each === name))
    return `.class is ${described(name)}: it must be one of ${CLASSES.join(', ')}`
  return entry.userAgent === undefined && entry.ip === undefined ? null : mistakeInClient(entry)
}

/** The same, of an entry that says whose click it is. */
function mistakeInClient({ count, class: name, userAgent, ip }: Record<string, unknown>): string | null {
  if (typeof userAgent !== 'string' || userAgent.length > MAX_USER_AGENT_LENGTH)
    return `.userAgent is ${described(userAgent)}: it must be a text of at most ${MAX_USER_AGENT_LENGTH} characters beside "ip", empty if the client has sent none`
  if (typeof ip !== 'string' || canonicalAddress(ip) === null)
    return `.ip is ${described(ip)}: it must be an IP address beside "userAgent", such as 192.0.2.1 or 2001:db8::1`
  if (name !== undefined)
    return `.class is ${described(name)}: it must be left out beside "userAgent" and "ip", which decide on the class`
  if (count === undefined) return null
  return `.count is ${described(count)}: it must be left out beside "userAgent" and "ip", which are of one click`
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
