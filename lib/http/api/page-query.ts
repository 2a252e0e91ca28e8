import Boom from '@hapi/boom'
import { quote } from '../../config/wording.ts'

/** Entries of a page, at most. */
export const MAX_LIMIT = 1000
export const USUAL_LIMIT = 100

/** A page of a list that is sorted by a number, each entry by another one. */
export interface Page {
  /** Entries at most. */
  readonly limit: number
  /** The number of the last entry before the page. null: it is the first page. */
  readonly after: number | null
}

/** Throws 400 for what is no page, and says what would be one. */
export function readPage({ limit, after }: { readonly limit?: string; readonly after?: string }): Page {
  return {
    limit: limit === undefined ? USUAL_LIMIT : parseLimit(limit),
    after: after === undefined ? null : parseCursor(after),
  }
}

/**
 * The entries of the page, of which one more than fit were asked for. `next`: what `after` is for the next page; null:
 * this is the last one.
 */
export function cutPage<Entry>(
  found: readonly Entry[],
  { limit }: Page,
  numberOf: (entry: Entry) => number,
): { readonly entries: readonly Entry[]; readonly next: string | null } {
  const entries = found.slice(0, limit)
  return { entries, next: found.length > limit ? cursorAt(numberOf(entries.at(-1)!)) : null }
}

function parseLimit(text: string): number {
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN
  if (limit <= MAX_LIMIT) return limit
  throw Boom.badRequest(`limit is ${quote(text)}: it must be a whole number from 1 to ${MAX_LIMIT}`)
}

/*
 * A cursor names the entry that the last page has ended with, not how many came before: entries that come and go
 * meanwhile neither shift the next page nor repeat in it. It is written so that nobody takes it for a number to count
 * with: other orders will need other cursors.
 */
function cursorAt(number: number): string {
  return Buffer.from(`after ${number}`).toString('base64url')
}

function parseCursor(text: string): number {
  const number = /^after (0|[1-9]\d{0,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'))?.[1]
  // Written again, because base64 has several texts for the same bytes.
  if (number !== undefined && cursorAt(Number(number)) === text) return Number(number)
  throw Boom.badRequest(
    `after is ${quote(text)}: it must be what "next" was in the answer with the page before`,
  )
}
