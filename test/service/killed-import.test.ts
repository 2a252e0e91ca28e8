import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const ADMIN_KEY = 'the_admin_key_of_who_imports_banners'
const BANNERS = 10_000

describe('an import by HTTP', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  const state = () =>
    database.query(
      `SELECT (SELECT string_agg(DISTINCT name, ' ') FROM banners) AS names, (SELECT count(*)::int FROM banners) AS banners,
              (SELECT count(*)::int FROM banner_changes) AS changes, (SELECT max(revision)::int FROM banner_revisions) AS newest`,
    )
  const written = () =>
    database.query(
      `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE relation = 'banner_changes'::regclass AND mode = 'RowExclusiveLock' AND datname = current_database()`,
    )

  it('has changed nothing when the service is killed while it writes', async function () {
    this.timeout(60_000)
    const service = await startServiceProcess({ DATABASE_URL: database.url, SERVER_THREADS: '1', ADMIN_KEY })
    const send = (name: string) =>
      fetch(`${service.url}/banners`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(Array.from({ length: BANNERS }, (_, index) => ({ id: index + 1, name }))),
      })
    expect((await send('old')).status).to.equal(200)
    const before = await state()
    const broken = send('new').then(
      () => 'answered',
      () => 'broken',
    )
    await until(async () => (await written()).length > 0)
    service.signal('SIGKILL')
    await service.exited
    expect(await broken).to.equal('broken')
    await until(async () => (await written()).length === 0)
    expect(await state()).to.deep.equal(before)
    expect(before[0]).to.include({ names: 'old', banners: BANNERS, changes: BANNERS })
  })
})
