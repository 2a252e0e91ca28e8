import type { TestDatabase } from './database.ts'

export interface InstanceRow {
  readonly name: string
  readonly state?: 'serving' | 'draining' | 'stopped' | 'forgotten'
  /** RFC 3339, or seconds before now by Postgres' clock. */
  readonly finalThrough: string | number
}

/** These are all instances that the database knows of. */
export async function setInstances(
  { query }: Pick<TestDatabase, 'query'>,
  rows: readonly InstanceRow[],
): Promise<void> {
  await query('TRUNCATE click_instances')
  for (const { name, state = 'serving', finalThrough } of rows)
    await query(
      `INSERT INTO click_instances
       SELECT gen_random_uuid(), $1, '1.1.0', now(), now(), $2, 0, NULL,
         coalesce($3::timestamptz, now() - make_interval(secs => $4))`,
      typeof finalThrough === 'string'
        ? [name, state, finalThrough, null]
        : [name, state, null, finalThrough],
    )
}
