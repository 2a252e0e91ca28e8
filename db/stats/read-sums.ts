import type pg from 'pg'
import type { TimeRange } from '../../lib/questions/time-range.ts'
import { beginReading, commit } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import type { Digits } from './digits.ts'

/** Clicks by class; `total` are the valid ones. */
export interface Sums {
  readonly total: Digits
  readonly bots: Digits
  readonly duplicates: Digits
}

export interface BannerSums extends Sums {
  readonly bannerId: number
  /** null: nobody has registered it. */
  readonly name: string | null
}

const NONE: Sums = { total: '0', bots: '0', duplicates: '0' }

/** The clicks of each banner in the range, in the order of the ids, with its name. All of it is as of one moment. */
export async function readSums(
  client: pg.ClientBase,
  bannerIds: readonly number[],
  { from, to }: TimeRange,
): Promise<BannerSums[]> {
  await beginReading(client)
  const sums = await client.query<Sums & { bannerId: number }>(statements.sumsByBanner, [bannerIds, from, to])
  const names = await client.query<{ id: number; name: string }>(statements.bannerNames, [bannerIds])
  await commit(client)
  const sumsById = new Map(sums.rows.map(({ bannerId, ...sums }) => [bannerId, sums]))
  const nameById = new Map(names.rows.map(({ id, name }) => [id, name]))
  return bannerIds.map(bannerId => ({
    bannerId,
    name: nameById.get(bannerId) ?? null,
    ...(sumsById.get(bannerId) ?? NONE),
  }))
}
