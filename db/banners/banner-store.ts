import type { Banner, BannerContent } from '../../lib/banners/banner.ts'
import type { ConnectionPool } from '../connection/hosts-pool.ts'
import { beginReading, commit } from '../connection/transaction.ts'
import { withClient } from '../connection/with-client.ts'
import {
  type Edit,
  type Put,
  type PutBanner,
  patchBanner,
  putBanner,
  readBanner,
  removeBanner,
} from './edit-banners.ts'
import type { Spool } from './import/spool.ts'
import { type Import, type ImportSummary, importBanners } from './import-banners.ts'
import {
  type BannerChange,
  type BannerFilter,
  type BannerQuery,
  type ChangesQuery,
  inPages,
  listBanners,
  listChanges,
} from './list-banners.ts'

/** The banners in Postgres, over connections of a pool. Each method rejects as the function that it calls. */
export class BannerStore {
  readonly #pool: ConnectionPool

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  /** Postgres ends a search that takes longer than `SERVICE_LIMITS.statementMs`, whether its reader is there or not. */
  list(query: BannerQuery): Promise<Banner[]> {
    return withClient(this.#pool, async client => {
      await beginReading(client)
      const banners = await listBanners(client, query)
      await commit(client)
      return banners
    })
  }

  /** null: nobody registered it. */
  get(id: number): Promise<Banner | null> {
    return withClient(this.#pool, client => readBanner(client, id))
  }

  put(id: number, content: BannerContent, put: Put): Promise<PutBanner> {
    return withClient(this.#pool, client => putBanner(client, id, content, put))
  }

  patch(id: number, change: Partial<BannerContent>, edit: Edit): Promise<Banner> {
    return withClient(this.#pool, client => patchBanner(client, id, change, edit))
  }

  remove(id: number, edit: Edit): Promise<void> {
    return withClient(this.#pool, client => removeBanner(client, id, edit))
  }

  changes(id: number, query: ChangesQuery): Promise<BannerChange[]> {
    return withClient(this.#pool, client => listChanges(client, id, query))
  }

  importAll(spool: Spool, how: Import): Promise<ImportSummary> {
    return withClient(this.#pool, client => importBanners(client, spool, how))
  }

  /**
   * Ascending by id. Each page has a connection of its own, and none is held while a page is sent. So each banner is as
   * it was at a moment between the first page and the last, and not all are as of the same one.
   */
  exportAll(filter: BannerFilter): AsyncGenerator<Banner[], void> {
    return inPages(query => this.list(query), filter)
  }
}
