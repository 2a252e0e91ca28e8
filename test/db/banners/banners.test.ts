import { expect } from 'chai'
import type { BannerStore } from '../../../db/banners/banner-store.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import type { BannerContent } from '../../../lib/banners/banner.ts'
import type { TestDatabase } from '../../support/database.ts'
import { PLAIN } from './banner-files.ts'
import { EDIT, PUT, useStore } from './test-store.ts'

const CONTENT: BannerContent = {
  name: 'Autumn sale 300×250',
  target: 'https://shop.example/autumn',
  campaign: 'autumn',
  labels: ['big', 'mobile'],
  passQuery: ['utm_source'],
  isActive: true,
  activeFromMs: Date.parse('2026-11-27T10:00:00.123Z'),
  activeUntilMs: Date.parse('9999-12-31T23:59:59.999Z'),
}
/** CONTENT in the form of HTTP. */
const FIELDS = {
  name: 'Autumn sale 300×250',
  target: 'https://shop.example/autumn',
  campaign: 'autumn',
  labels: ['big', 'mobile'],
  passQuery: ['utm_source'],
  isActive: true,
  activeFrom: '2026-11-27T10:00:00.123Z',
  activeUntil: '9999-12-31T23:59:59.999Z',
}

describe('banners in Postgres', () => {
  let database: TestDatabase
  let store: BannerStore
  useStore(made => ({ database, store } = made))

  const newest = async () => {
    const rows = await database.query<{ revision: string; token: string; by: string; changes: number }>(
      `SELECT revision, token, made_by AS by,
              (SELECT count(*)::int FROM banner_changes WHERE banner_changes.revision = banner_revisions.revision) AS changes
       FROM banner_revisions ORDER BY revision DESC LIMIT 1`,
    )
    return rows[0]!
  }
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      error => error.code,
    )

  it('are none at first, with a revision to begin with', async () => {
    expect(await store.get(7)).to.equal(null)
    expect(await store.changes(7, { limit: 10, before: null })).to.deep.equal([])
    expect(await newest()).to.include({ by: 'migration' })
  })

  it('are registered with all that they have, under a new revision', async () => {
    const before = await newest()
    const { banner, isNew } = await store.put(7, CONTENT, PUT)
    expect(isNew).to.equal(true)
    expect(banner).to.deep.include({ ...CONTENT, id: 7, updatedBy: 'newsroom' })
    expect(banner.updatedAtMs).to.be.closeTo(Date.now(), 60_000)
    expect(await store.get(7)).to.deep.equal(banner)
    expect(await newest()).to.deep.equal({
      revision: String(Number(before.revision) + 1),
      token: banner.version,
      by: 'newsroom',
      changes: 1,
    })
    const { banner: largest } = await store.put(2 ** 31 - 1, PLAIN, PUT)
    expect(await store.get(2 ** 31 - 1)).to.deep.equal(largest)
  })

  it('are replaced as a whole, and changed in part; what differs is recorded, with who did it', async () => {
    const { banner: first } = await store.put(7, CONTENT, PUT)
    const { banner: second, isNew } = await store.put(7, { ...CONTENT, labels: [] }, { ...PUT, by: 'shell' })
    expect(isNew).to.equal(false)
    const third = await store.patch(7, { target: null, activeFromMs: null, name: 'n' }, EDIT)
    expect(await store.get(7)).to.deep.equal(third)
    expect(third).to.deep.include({ ...CONTENT, labels: [], target: null, activeFromMs: null, name: 'n' })
    await store.remove(7, EDIT)
    expect(await store.get(7)).to.equal(null)

    const changes = await store.changes(7, { limit: 10, before: null })
    expect(changes.map(({ by, before, after }) => ({ by, before, after }))).to.deep.equal([
      {
        by: 'newsroom',
        before: { ...FIELDS, labels: [], target: null, activeFrom: null, name: 'n' },
        after: null,
      },
      {
        by: 'newsroom',
        before: { target: FIELDS.target, activeFrom: FIELDS.activeFrom, name: FIELDS.name },
        after: { target: null, activeFrom: null, name: 'n' },
      },
      { by: 'shell', before: { labels: ['big', 'mobile'] }, after: { labels: [] } },
      { by: 'newsroom', before: null, after: FIELDS },
    ])
    expect(changes.map(({ atMs }) => atMs).slice(1)).to.deep.equal(
      [third, second, first].map(({ updatedAtMs }) => updatedAtMs),
    )
    expect(await store.changes(7, { limit: 2, before: changes[1]!.revision })).to.deep.equal(changes.slice(2))
    expect(await store.changes(7, { limit: 1, before: changes[0]!.revision })).to.deep.equal([changes[1]])
  })

  it('stay as they are, with their version, when nothing differs', async () => {
    const { banner } = await store.put(7, CONTENT, PUT)
    const before = await newest()
    expect(await store.put(7, CONTENT, { ...PUT, by: 'shell' })).to.deep.equal({ banner, isNew: false })
    expect(await store.patch(7, { name: CONTENT.name, labels: [...CONTENT.labels] }, EDIT)).to.deep.equal(
      banner,
    )
    expect(await store.patch(7, {}, EDIT)).to.deep.equal(banner)
    expect(await newest()).to.deep.equal(before)
  })

  it('change only under the condition that is said', async () => {
    const put = (id: number, condition: object) => codeOf(store.put(id, PLAIN, { ...PUT, ...condition }))
    expect(await put(7, { ifVersion: '*' })).to.equal('BANNER_CHANGED')
    expect(await put(7, { ifNoneExists: true })).to.equal('done')
    expect(await put(7, { ifNoneExists: true })).to.equal('BANNER_CHANGED')
    expect(await put(7, { ifVersion: '*' })).to.equal('done')
    const { version } = (await store.get(7))!
    const next = await store.patch(7, { name: 'b' }, { ...EDIT, ifVersion: version })
    expect(await codeOf(store.patch(7, { name: 'c' }, { ...EDIT, ifVersion: version }))).to.equal(
      'BANNER_CHANGED',
    )
    expect(await put(7, { ifVersion: version })).to.equal('BANNER_CHANGED')
    expect(await codeOf(store.remove(7, { ...EDIT, ifVersion: version }))).to.equal('BANNER_CHANGED')
    expect(await store.get(7)).to.deep.equal(next)
    expect(await codeOf(store.remove(7, { ...EDIT, ifVersion: [version, next.version] }))).to.equal('done')
    for (const ifVersion of [null, '*', version]) {
      expect(await codeOf(store.patch(7, {}, { ...EDIT, ifVersion }))).to.equal('BANNER_UNKNOWN')
      expect(await codeOf(store.remove(7, { ...EDIT, ifVersion }))).to.equal('BANNER_UNKNOWN')
    }
  })

  it('that two edit at once change by one of them; the other one is told', async () => {
    for (let round = 0; round < 10; round++) {
      const { banner } = await store.put(7, { ...PLAIN, name: `round ${round}` }, PUT)
      const edits = ['a', 'b', 'c'].map(name =>
        store.patch(7, { name }, { by: name, ifVersion: banner.version }),
      )
      const settled = await Promise.allSettled(edits)
      const done = settled.filter(each => each.status === 'fulfilled')
      expect(done).to.have.lengthOf(1)
      expect(await store.get(7)).to.deep.equal(done[0]!.value)
      for (const each of settled)
        if (each.status === 'rejected') expect(each.reason.code).to.equal('BANNER_CHANGED')
    }
  })

  it('are changed one after the other, and each change has a revision of its own', async () => {
    const before = await newest()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.put(index + 1, { ...PLAIN, name: 'n' }, PUT)),
    )
    const revisions = await database.query<{ id: number; number: number }>(
      `SELECT banner_id::int AS id, (revision - $1)::int AS number
       FROM banner_changes JOIN banners ON id = banner_id JOIN banner_revisions USING (revision)
       WHERE token = version ORDER BY revision`,
      [before.revision],
    )
    expect(revisions.map(({ number }) => number)).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    expect(new Set(revisions.map(({ id }) => id)).size).to.equal(20)
  })

  it('are not made such that they would never be active', async () => {
    const empty = { activeFromMs: 2000, activeUntilMs: 2000 }
    expect(await codeOf(store.put(7, { ...PLAIN, ...empty }, PUT))).to.equal('BANNER_INVALID')
    await store.put(7, { ...PLAIN, activeFromMs: 2000 }, PUT)
    expect(await codeOf(store.patch(7, { activeUntilMs: 1999 }, EDIT))).to.equal('BANNER_INVALID')
    expect((await store.get(7))!.activeUntilMs).to.equal(null)
  })

  it('do not wait for ever for another change: it is refused, and the next one goes on', async () => {
    const other = await connect(database.server, 'clickcounter test')
    await other.query('BEGIN; SELECT pg_advisory_xact_lock(7164216982963904878)')
    const startMs = performance.now()
    expect(await codeOf(store.put(7, PLAIN, PUT))).to.equal('BANNERS_BUSY')
    expect(performance.now() - startMs).to.be.within(3000, 8000)
    expect(await store.get(7), 'a reader does not wait').to.equal(null)
    await other.query('COMMIT')
    discard(other)
    expect(await codeOf(store.put(7, PLAIN, PUT))).to.equal('done')
  })

  it('are not changed while nobody could see the change', async () => {
    const before = await database.query('SELECT * FROM banner_revisions')
    await database.query('DELETE FROM banner_revisions')
    expect(await codeOf(store.put(7, PLAIN, PUT))).to.equal('TABLE_BANNER_REVISIONS')
    expect(await store.get(7)).to.equal(null)
    await database.query(
      'INSERT INTO banner_revisions SELECT * FROM json_populate_recordset(NULL::banner_revisions, $1)',
      [JSON.stringify(before)],
    )
  })
})
