import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { Banner, BannerContent } from '../../lib/banners/banner.ts'
import { contentBody } from '../../lib/banners/banner-schema.ts'
import { statements } from '../statements.ts'
import { type Revision, timestamp } from './change-banners.ts'

/** Fields of a banner in the form of HTTP, by their names there. */
type Fields = Readonly<Partial<ReturnType<typeof contentBody>>>

/** What a change makes of a banner. */
export interface Difference {
  readonly id: number
  /** The fields that differ, as they were; all of them when the banner goes. null: there was no banner. */
  readonly before: Fields | null
  /** The same fields, as they are to be. null: there is to be no banner. */
  readonly after: Fields | null
}

/** null: nothing differs. */
export function differenceOf(
  id: number,
  present: BannerContent | null,
  wanted: BannerContent | null,
): Difference | null {
  const before = present && contentBody(present)
  const after = wanted && contentBody(wanted)
  if (before === null || after === null) return before === after ? null : { id, before, after }
  const differing = (Object.keys(after) as (keyof Fields)[]).filter(
    field => !isDeepStrictEqual(before[field], after[field]),
  )
  if (differing.length === 0) return null
  const only = (fields: Fields) => Object.fromEntries(differing.map(field => [field, fields[field]]))
  return { id, before: only(before), after: only(after) }
}

/** A banner as somebody wants it. */
export type WantedBanner = BannerContent & Pick<Banner, 'id'>

/** Those of the banners that are registered, by id. */
export async function readBanners(
  client: pg.ClientBase,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Banner>> {
  const { rows } = await client.query<Banner>(statements.bannersById, [ids])
  return new Map(rows.map(banner => [banner.id, banner]))
}

/** Registers banners or replaces them, and records how they differ. Each id stands there once. */
export async function writeBanners(
  client: pg.ClientBase,
  revision: Revision,
  banners: readonly WantedBanner[],
  differences: readonly Difference[],
): Promise<void> {
  const written = banners.map(banner => ({ id: banner.id, ...contentBody(banner) }))
  const { token, atMs, by } = revision
  await client.query(statements.writeBanners, [JSON.stringify(written), token, timestamp(atMs), by])
  await addChanges(client, revision, differences)
}

/** Takes a banner out, and records what it was. */
export async function deleteBanner(
  client: pg.ClientBase,
  revision: Revision,
  difference: Difference,
): Promise<void> {
  await client.query(statements.deleteBanners, [[difference.id]])
  await addChanges(client, revision, [difference])
}

async function addChanges(
  client: pg.ClientBase,
  { number }: Revision,
  differences: readonly Difference[],
): Promise<void> {
  await client.query(statements.addBannerChanges, [number, JSON.stringify(differences)])
}

/** What Postgres has once the revision is committed. */
export function writtenBanner(banner: WantedBanner, { token, atMs, by }: Revision): Banner {
  return { ...banner, version: token, updatedAtMs: atMs, updatedBy: by }
}
