import { tmpdir } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import type { BannerStore } from '../../../db/banners/banner-store.ts'
import { readImport } from '../../../db/banners/import/read-import.ts'
import type { ImportSummary } from '../../../db/banners/import-banners.ts'
import type { WantedBanner } from '../../../db/banners/write-banners.ts'
import type { Banner } from '../../../lib/banners/banner.ts'
import { contentBody } from '../../../lib/banners/banner-schema.ts'
import type { TestDatabase } from '../../support/database.ts'
import { banners, cut, PLAIN, textOf } from './banner-files.ts'
import { clearBanners, EVERYTHING, PUT, useStore } from './test-store.ts'

describe('an import into Postgres', () => {
  let database: TestDatabase
  let store: BannerStore
  useStore(made => ({ database, store } = made))

  const all = async () => (await Array.fromAsync(store.exportAll(EVERYTHING))).flat()
  const spooled = async (text: string) => await readImport(cut(Buffer.from(text), []), 'ndjson', tmpdir())
  const importing = async (
    wanted: readonly WantedBanner[],
    how: { isPreview?: boolean; signal?: AbortSignal; onProgress?: (banners: number) => void } = {},
  ): Promise<ImportSummary> => {
    await using spool = await spooled(await textOf(wanted, 'ndjson'))
    return await store.importAll(spool, { by: 'shell', isPreview: false, ...how })
  }
  /** All that the tables have. */
  const everything = async () => ({
    banners: await all(),
    changes: await database.query('SELECT * FROM banner_changes ORDER BY revision, banner_id'),
    revisions: await database.query('SELECT * FROM banner_revisions ORDER BY revision'),
  })
  const contentOf = ({ version, updatedAtMs, updatedBy, ...wanted }: Banner): WantedBanner => wanted

  it('registers what is new, replaces what differs, and leaves all else as it is, in one revision', async () => {
    await fc.assert(
      fc.asyncProperty(banners, banners, fc.nat(), async (first, second, kept) => {
        await clearBanners(database)
        // Some of the second import are in the first one as they are.
        const same = first.filter((_, index) => (kept >> index) & 1)
        const wanted = [...same, ...second.filter(({ id }) => same.every(other => other.id !== id))]
        await importing(first)
        const before = await everything()
        const preview = await importing(wanted, { isPreview: true })
        expect(await everything(), 'after a preview').to.deep.equal(before)
        expect(await importing(wanted)).to.deep.equal(preview)

        const after = await everything()
        const present = new Map(before.banners.map(banner => [banner.id, banner]))
        const merged = new Map([...before.banners.map(contentOf), ...wanted].map(each => [each.id, each]))
        expect(after.banners.map(contentOf)).to.have.deep.members([...merged.values()])
        const isChanged = ({ id, version }: Banner) => present.get(id)?.version !== version
        const changed = after.banners.filter(isChanged)
        const differing = wanted.filter(
          banner =>
            !isDeepStrictEqual(banner, present.has(banner.id) ? contentOf(present.get(banner.id)!) : null),
        )
        expect(changed.map(({ id }) => id)).to.have.members(differing.map(({ id }) => id))
        const created = wanted.filter(({ id }) => !present.has(id)).length
        expect(preview).to.include({
          created,
          changed: changed.length - created,
          unchanged: wanted.length - changed.length,
        })
        const newRevisions = after.revisions.slice(before.revisions.length) as { token: string }[]
        expect(newRevisions).to.have.lengthOf(changed.length > 0 ? 1 : 0)
        for (const { version, updatedBy } of changed)
          expect({ version, updatedBy }).to.deep.equal({
            version: newRevisions[0]!.token,
            updatedBy: 'shell',
          })
        expect(after.banners.filter(banner => !isChanged(banner))).to.deep.equal(
          before.banners.filter(({ id }) => changed.every(other => other.id !== id)),
        )
        expect(after.changes.slice(before.changes.length)).to.have.lengthOf(changed.length)
      }),
      { numRuns: 15 },
    )
  }).timeout(30_000)

  it('changes nothing when one line of the file is wrong', async () => {
    await store.put(1, PLAIN, PUT)
    const before = await everything()
    const text = await textOf(
      [
        { ...PLAIN, id: 1, name: 'b' },
        { ...PLAIN, id: 2 },
      ],
      'ndjson',
    )
    const error = await spooled(`${text}{"id":3,"name":""}\n`).catch(error => error)
    expect(error.message).to.match(/^line 3: "name" has/)
    expect(await everything()).to.deep.equal(before)
  })

  it('shows the first of what it changes, with the fields that differ', async () => {
    await store.put(2, { ...PLAIN, name: 'old', labels: ['x'] }, PUT)
    await store.put(3, PLAIN, PUT)
    const wanted = Array.from({ length: 30 }, (_, index) => ({ ...PLAIN, id: index + 1 }))
    const { sample, ...counts } = await importing(wanted, { isPreview: true })
    expect(counts).to.deep.equal({ created: 28, changed: 1, unchanged: 1 })
    expect(sample).to.have.lengthOf(20)
    expect(sample.slice(0, 3)).to.deep.equal([
      { id: 1, before: null, after: contentBody(PLAIN) },
      { id: 2, before: { name: 'old', labels: ['x'] }, after: { name: 'plain', labels: [] } },
      { id: 4, before: null, after: contentBody(PLAIN) },
    ])
  })

  it('that is broken off changes nothing', async () => {
    await store.put(1, PLAIN, PUT)
    const before = await everything()
    const wanted = Array.from({ length: 1000 }, (_, index) => ({ ...PLAIN, id: index + 1, name: 'b' }))
    const abort = new AbortController()
    const progress: number[] = []
    const onProgress = (banners: number) => {
      progress.push(banners)
      if (banners === 500) abort.abort(new Error('gone'))
    }
    const error = await importing(wanted, { signal: abort.signal, onProgress }).catch(error => error)
    expect(error).to.include({ message: 'gone' })
    expect(progress).to.deep.equal([250, 500])
    expect(await everything()).to.deep.equal(before)
  })

  it('and edits at once end as if one came after the other', async () => {
    const wanted = Array.from({ length: 1500 }, (_, index) => ({ ...PLAIN, id: index + 1, name: 'imported' }))
    for (let round = 0; round < 5; round++) {
      await clearBanners(database)
      await store.put(1, PLAIN, PUT)
      await store.put(1500, PLAIN, PUT)
      await Promise.all([
        importing(wanted),
        store.patch(1, { campaign: 'edited' }, PUT),
        store.patch(1500, { campaign: 'edited' }, PUT),
      ])
      for (const id of [1, 1500]) {
        const banner = (await store.get(id))!
        const changes = await store.changes(id, { limit: 10, before: null })
        // Last came the import, which takes the campaign away again, or the edit, which sets it.
        expect(banner.campaign).to.equal(changes[0]!.by === 'shell' ? null : 'edited')
        expect(banner.name).to.equal('imported')
        expect(changes).to.have.lengthOf(3)
      }
    }
  })
})
