import { BannerStore } from '../../../db/banners/banner-store.ts'
import type { BannerFilter } from '../../../db/banners/list-banners.ts'
import { openPool } from '../../../db/connection/connect.ts'
import type { ConnectionPool } from '../../../db/connection/hosts-pool.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

/** By somebody who makes no condition. */
export const EDIT = { by: 'newsroom', ifVersion: null }
export const PUT = { ...EDIT, ifNoneExists: false }
export const EVERYTHING: BannerFilter = { q: null, campaign: null, label: null, isActive: null }

interface TestStore {
  readonly database: TestDatabase
  readonly store: BannerStore
}

/** Makes a store for the tests that this is called among, and hands it to `take`. Each begins without banners. */
export function useStore(take: (made: TestStore) => void): void {
  let database: TestDatabase
  let pool: ConnectionPool
  before(async () => {
    database = await createTestDatabase()
    pool = openPool(database.server, 'clickcounter test', 4)
    take({ database, store: new BannerStore(pool) })
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })
  beforeEach(() => clearBanners(database))
}

/** Their revisions stay. */
export async function clearBanners(database: TestDatabase): Promise<void> {
  await database.query('TRUNCATE banners, banner_changes')
}
