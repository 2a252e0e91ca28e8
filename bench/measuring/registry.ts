import { queryDatabase } from './stored.ts'

/**
 * Changes banners in a service's embedded Postgres, as another instance does: what changed, and a revision last. A
 * target has 80 characters.
 */
export async function registerBanners(
  dataDir: string,
  { firstId, lastId, version }: { firstId: number; lastId: number; version: number },
): Promise<void> {
  await queryDatabase(
    dataDir,
    `WITH next AS (
       SELECT max(revision) + 1 AS revision, gen_random_uuid() AS token FROM banner_revisions
     ),
     changed AS (
       INSERT INTO banners
       SELECT id, 'Banner ' || id, rpad('${targetOf(version, '')}' || id, 80, 'x'), 'a campaign', '{mobile}', '{}',
              true, NULL, NULL, next.token, now(), 'bench'
       FROM next, generate_series(${firstId}, ${lastId}) AS id
       ON CONFLICT (id) DO UPDATE SET target = excluded.target, version = excluded.version
       RETURNING id
     ),
     recorded AS (
       INSERT INTO banner_changes SELECT changed.id, next.revision, '{}', '{}' FROM changed, next
     )
     INSERT INTO banner_revisions SELECT revision, token, now(), 'bench' FROM next`,
  )
}

/** How a target begins. */
export function targetOf(version: number, bannerId: number | ''): string {
  return `https://shop.example/${version}/banner/${bannerId}`
}

/** The database has lost its newest revision: instances read all banners anew. */
export async function loseRevision(dataDir: string): Promise<void> {
  await queryDatabase(
    dataDir,
    `WITH lost AS (
       DELETE FROM banner_revisions WHERE revision = (SELECT max(revision) FROM banner_revisions) RETURNING revision
     )
     DELETE FROM banner_changes WHERE revision IN (SELECT revision FROM lost)`,
  )
}
