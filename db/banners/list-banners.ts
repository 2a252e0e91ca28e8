import type pg from 'pg'
import type { Banner } from '../../lib/banners/banner.ts'
import { statements } from '../statements.ts'
import type { Difference } from './write-banners.ts'

/** Which banners. What is null is no condition. */
export interface BannerFilter {
  /** Is in the name, in capitals or not. */
  readonly q: string | null
  readonly campaign: string | null
  readonly label: string | null
  /** As of now, by the clock of Postgres. */
  readonly isActive: boolean | null
}

export interface BannerQuery extends BannerFilter {
  readonly limit: number
  /** The last id of the page before; 0: the first page. */
  readonly after: number
}

/** What a revision made of a banner. */
export interface BannerChange extends Omit<Difference, 'id'> {
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly atMs: number
  /** The name of the key that made it, or `shell`. */
  readonly by: string
}

export interface ChangesQuery {
  readonly limit: number
  /** Those before this revision; null: from the newest on. */
  readonly before: number | null
}

/** Rows of a page when all are read: a thread that answers clicks as well needs 2 ms for them. */
const PAGE_ROWS = 250

/** Ascending by id. A banner that stays is on one page exactly, whatever is changed between the pages. */
export async function listBanners(
  client: pg.ClientBase,
  { after, limit, q, campaign, label, isActive }: BannerQuery,
): Promise<Banner[]> {
  const pattern = q === null ? null : patternOf(q)
  return (
    await client.query<Banner>(statements.listBanners, [after, limit, pattern, campaign, label, isActive])
  ).rows
}

/** All of them, in pages, of which one is in memory at a time. `read` reads one. */
export async function* inPages(
  read: (query: BannerQuery) => Promise<Banner[]>,
  filter: BannerFilter,
): AsyncGenerator<Banner[], void> {
  for (let after = 0; ; ) {
    const page = await read({ ...filter, after, limit: PAGE_ROWS })
    if (page.length > 0) yield page
    if (page.length < PAGE_ROWS) return
    after = page.at(-1)!.id
  }
}

/** What became of a banner, the newest first, also of one that is gone. */
export async function listChanges(
  client: pg.ClientBase,
  id: number,
  { limit, before }: ChangesQuery,
): Promise<BannerChange[]> {
  return (await client.query<BannerChange>(statements.listBannerChanges, [id, before, limit])).rows
}

/**
 * A regular expression of Postgres for names that have this text. It spells both cases: what Postgres itself takes for
 * the same letter depends on the locale of the database, which for the embedded one knows the letters of ASCII alone.
 */
function patternOf(text: string): string {
  return Array.from(text, character => {
    const cases = new Set([character, character.toLowerCase(), character.toUpperCase()])
    return `(?:${Array.from(cases, literal).join('|')})`
  }).join('')
}

function literal(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&')
}
