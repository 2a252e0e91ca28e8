import { expect } from 'chai'
import type pg from 'pg'
import { patchBanner, putBanner, removeBanner } from '../../../db/banners/edit-banners.ts'
import { listBanners, listChanges } from '../../../db/banners/list-banners.ts'
import { readRevision } from '../../../db/banners/read-banners.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import type { TestDatabase } from '../../support/database.ts'
import { PLAIN } from '../banners/banner-files.ts'
import { EVERYTHING, PUT } from '../banners/test-store.ts'
import { useTwoDatabases } from './two-databases.ts'

/** The version of the schema that brought banners. */
const VERSION_OF_BANNERS = 7

describe('banners in a backup', () => {
  let database: TestDatabase
  let other: TestDatabase
  let client: pg.Client
  let elsewhere: pg.Client
  const { backUp, restore } = useTwoDatabases(made => ({ database, other, client, elsewhere } = made))

  /** All that is known of banners. */
  const all = async (from: pg.Client) => ({
    banners: await listBanners(from, { ...EVERYTHING, after: 0, limit: 1000 }),
    changes: [
      ...(await listChanges(from, 7, { limit: 100, before: null })),
      ...(await listChanges(from, 8, { limit: 100, before: null })),
    ],
    revision: await readRevision(from, null).then(({ newest: { revision, token } }) => ({ revision, token })),
  })
  const fill = async (to: pg.Client) => {
    await putBanner(to, 7, { ...PLAIN, name: 'a\\b "c" 店', labels: ['x y', ',{}'] }, PUT)
    await putBanner(to, 8, { ...PLAIN, target: 'https://a/', activeFromMs: 1 }, PUT)
    await patchBanner(to, 7, { campaign: 'c' }, PUT)
    await removeBanner(to, 8, PUT)
  }
  /** Of the other database, as an earlier version of the program would have made it. */
  const backUpWithoutBanners = async () => {
    const steps = (await newestVersion()) - VERSION_OF_BANNERS + 1
    await migrate(other.server, { kind: 'down', steps })
    await backUp(elsewhere)
  }

  it('come back with it, with their versions and their history, into another database', async () => {
    await fill(client)
    await backUp(client)
    await restore(elsewhere, false)
    expect(await all(elsewhere)).to.deep.equal(await all(client))
    expect((await all(elsewhere)).banners).to.have.lengthOf(1)
  })

  it('are as they were then, and who knows a later revision finds that it is gone', async () => {
    await fill(client)
    const before = await all(client)
    await backUp(client)
    await putBanner(client, 9, PLAIN, PUT)
    await patchBanner(client, 7, { name: 'later' }, PUT)
    const { newest } = await readRevision(client, null)
    await restore(client)
    expect(await all(client)).to.deep.equal(before)
    expect(await readRevision(client, newest)).to.deep.include({ hasGiven: false })
    // The same number again is another revision.
    for (const name of ['a', 'b']) await patchBanner(client, 7, { name }, PUT)
    const again = await readRevision(client, newest)
    expect(again.newest.revision).to.equal(newest.revision)
    expect(again.hasGiven).to.equal(false)
  })

  it('stay when the backup is of a version that had none', async () => {
    await backUpWithoutBanners()
    await fill(client)
    const before = await all(client)
    await restore(client, false)
    expect(await all(client)).to.deep.equal(before)
    expect(await migrate(database.server, { kind: 'up' })).to.deep.equal([])
    await putBanner(client, 9, PLAIN, PUT)
    expect((await all(client)).revision.revision).to.equal(before.revision.revision + 1)
  })

  it('are none after a backup without them, where there were none', async () => {
    await backUpWithoutBanners()
    await restore(elsewhere)
    expect(await all(elsewhere)).to.deep.include({ banners: [], changes: [] })
  })

  it('are dropped only when that is said', async () => {
    await backUp(elsewhere)
    await fill(client)
    const before = await all(client)
    const { code, message } = await restore(client, false).catch(error => error)
    await client.query('ROLLBACK')
    expect(code).to.equal('TABLES_OCCUPIED')
    expect(message).to.match(
      /^the database has banners with 1 row and banner_changes with 4 rows: say --replace/,
    )
    expect(await all(client)).to.deep.equal(before)
    await restore(client)
    expect((await all(client)).banners).to.deep.equal([])
  })

  it('are not changed while a restore is under way, nor is it undone by a change', async () => {
    await fill(client)
    await backUp(client)
    const editor = await connect(database.server, 'clickcounter test')
    for (let round = 0; round < 3; round++) {
      const [, edited] = await Promise.allSettled([
        restore(client),
        patchBanner(editor, 7, { name: `round ${round}` }, PUT),
      ])
      const { banners } = await all(client)
      // Before the restore, which took it back, or after it.
      if (edited.status === 'fulfilled')
        expect(banners[0]!.name).to.be.oneOf(['a\\b "c" 店', `round ${round}`])
      const { newest } = await readRevision(client, null)
      const changes = await listChanges(client, 7, { limit: 1, before: null })
      expect(changes[0]!.revision).to.be.most(newest.revision)
    }
    discard(editor)
  })
})
