import type pg from 'pg'
import type { ClickedBanner } from '../../lib/banners/banner-lookup.ts'
import type { Revision } from '../../lib/banners/revision.ts'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { beginReading, commit, type Limits } from '../connection/transaction.ts'
import { statements } from '../statements.ts'

/*
 * What instances keep in memory of the banners. Nothing here waits for a change that is under way.
 */

/**
 * Keys are read over the same connection. Their readings wait for one of these at most, and a key must be over 2 s
 * after it was revoked.
 */
const LIMITS: Limits = { lockMs: 250, statementMs: 1000, queryMs: 3000, idleMs: 2000 }

/** The change that a reading of changes has come to. */
export interface ChangePlace {
  readonly revision: number
  readonly bannerId: number
}

/** A banner that was changed. null: it is not registered any more. */
export interface ChangedBanner {
  readonly id: number
  readonly banner: ClickedBanner | null
}

interface BannerRow extends Omit<ClickedBanner, 'passQuery'> {
  readonly passQuery: readonly string[] | null
}

interface ChangedRow extends BannerRow {
  readonly revision: number
  readonly isRegistered: boolean
}

/**
 * Has all readings in `read` see one moment. When it throws, the state of the connection is unknown: close it.
 */
export async function readAtOnce<Result>(
  client: pg.ClientBase,
  read: () => Promise<Result>,
): Promise<Result> {
  await beginReading(client, LIMITS)
  const result = await read()
  await commit(client)
  return result
}

/**
 * The newest revision, and whether the database has the `given` one: after a failover that lost changes it may have
 * not. Throws a ClickCounterError when the tables do not say.
 */
export async function readRevision(
  client: pg.ClientBase,
  given: Revision | null,
): Promise<{ readonly newest: Revision; readonly hasGiven: boolean }> {
  const { rows } = await client.query<Revision & { hasGiven: boolean }>(statements.readBannerRevision, [
    given?.revision ?? null,
    given?.token ?? null,
  ])
  if (rows.length !== 1)
    throw new ClickCounterError(
      'TABLE_BANNER_REVISIONS',
      'click_database must have one row, and banner_revisions at least one: restore a backup (npm run restore)',
    )
  const { hasGiven, ...newest } = rows[0]!
  return { newest, hasGiven }
}

/** The banners with the next ids, at most so many, ascending by id. */
export async function readPage(
  client: pg.ClientBase,
  afterId: number,
  limit: number,
): Promise<ClickedBanner[]> {
  const { rows } = await client.query<BannerRow>(statements.readBanners, [afterId, limit])
  return rows.map(bannerOf)
}

/**
 * The banners of the next changes, at most so many, as they are now. A banner that was changed several times is in it
 * several times.
 */
export async function readChanged(
  client: pg.ClientBase,
  after: ChangePlace,
  limit: number,
): Promise<{ readonly changed: ChangedBanner[]; readonly place: ChangePlace }> {
  const { rows } = await client.query<ChangedRow>(statements.readChangedBanners, [
    after.revision,
    after.bannerId,
    limit,
  ])
  const last = rows.at(-1)
  return {
    changed: rows.map(row => ({ id: row.id, banner: row.isRegistered ? bannerOf(row) : null })),
    place: last === undefined ? after : { revision: last.revision, bannerId: last.id },
  }
}

function bannerOf({
  id,
  target,
  passQuery,
  isActive,
  activeFromMs,
  activeUntilMs,
}: BannerRow): ClickedBanner {
  return { id, target, passQuery: passQuery ?? [], isActive, activeFromMs, activeUntilMs }
}
