import type { TestDatabase } from '../support/database.ts'

/** Changes banners in Postgres with as little as instances read: one revision for each call. */
export class Registry {
  readonly #database: Pick<TestDatabase, 'query'>

  constructor(database: Pick<TestDatabase, 'query'>) {
    this.#database = database
  }

  /** Registers banners, or gives them other targets. A target is the prefix and the id. */
  async register(firstId: number, lastId: number, prefix = 'https://a.example/'): Promise<void> {
    await this.#database.query(
      `WITH next AS (${NEXT_REVISION}),
       changed AS (
         INSERT INTO banners
         SELECT id, 'a name', $3 || id, NULL, '{}', '{}', true, NULL, NULL, next.token, now(), 'test'
         FROM next, generate_series($1::bigint, $2::bigint) AS id
         ON CONFLICT (id) DO UPDATE SET target = excluded.target, version = excluded.version
         RETURNING id
       ),
       ${RECORDED}`,
      [firstId, lastId, prefix],
    )
  }

  /** Changes one banner so many times, in a revision each. */
  async changeOften(id: number, times: number): Promise<void> {
    await this.#database.query(
      `WITH made AS (
         INSERT INTO banner_revisions
         SELECT newest.revision + nth, gen_random_uuid(), now(), 'test'
         FROM (SELECT max(revision) AS revision FROM banner_revisions) AS newest, generate_series(1, $2::int) AS nth
         RETURNING revision
       )
       INSERT INTO banner_changes SELECT $1::bigint, revision, '{}', '{}' FROM made`,
      [id, times],
    )
  }

  async remove(firstId: number, lastId: number): Promise<void> {
    await this.#database.query(
      `WITH next AS (${NEXT_REVISION}),
       changed AS (DELETE FROM banners WHERE id BETWEEN $1 AND $2 RETURNING id),
       ${RECORDED}`,
      [firstId, lastId],
    )
  }

  /** As a failover does that lost the newest revisions, here so many. */
  async goBack(revisions: number): Promise<void> {
    await this.#database.query(
      `WITH lost AS (
         DELETE FROM banner_revisions
         WHERE revision > (SELECT max(revision) FROM banner_revisions) - $1
         RETURNING revision
       )
       DELETE FROM banner_changes WHERE revision IN (SELECT revision FROM lost)`,
      [revisions],
    )
  }
}

const NEXT_REVISION = `SELECT max(revision) + 1 AS revision, gen_random_uuid() AS token FROM banner_revisions`
const RECORDED = `recorded AS (
    INSERT INTO banner_changes SELECT changed.id, next.revision, '{}', '{}' FROM changed, next
  )
  INSERT INTO banner_revisions SELECT revision, token, now(), 'test' FROM next`
