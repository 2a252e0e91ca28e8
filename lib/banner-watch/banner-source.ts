import { readAtOnce, readRevision } from '../../db/banners/read-banners.ts'
import type { BannerTables } from '../banners/banner-table.ts'
import type { Revision } from '../banners/revision.ts'
import { TableBuilder } from '../banners/table-builder.ts'
import { ClickCounterError } from '../base/errors.ts'
import { expectDatabase } from '../watch/expect-database.ts'
import type { WatchConnection } from '../watch/watch-connection.ts'
import { BannerReading } from './banner-reading.ts'
import { copyRecords, emptyOverlay, isOverlayFull, mergedTables } from './merge.ts'
import type { OverlayMemory } from './overlay-memory.ts'

/** So many changes are read one by one, however few banners there are. */
const MANY_CHANGES = 20_000

/** The banners in Postgres, as tables. */
export class BannerSource {
  readonly #connection: WatchConnection
  readonly #overlays: OverlayMemory
  /** A reading of all banners that has failed. null: there is none that can go on. */
  #unfinished: { readonly reading: BannerReading; readonly builder: TableBuilder } | null = null

  constructor(connection: WatchConnection, overlays: OverlayMemory) {
    this.#connection = connection
    this.#overlays = overlays
  }

  /**
   * All banners; null when `known` are still the present ones. Only what has changed is read, unless the database does
   * not have the revision that is known: it has lost changes, or it is another one than that of `kept`. Where nothing
   * has changed and the overlay is full, the answer is another base. Rejects with a ClickCounterError (OTHER_DATABASE)
   * when it is another database than that of `known`.
   */
  async read(known: BannerTables | null, kept: BannerTables | null): Promise<BannerTables | null> {
    const before = known ?? kept
    const { newest, hasGiven } = await this.#look(known, before)
    if (before === null || !hasGiven || newest.database !== before.overlay.database)
      return await this.#readAll(newest)
    if (newest.token !== before.overlay.token)
      return this.#unfinished === null ? await this.#readChanges(before, newest) : await this.#readAll(newest)
    this.#unfinished = null
    if (isOverlayFull(before)) return await mergedTables(before)
    return known === null ? before : null
  }

  /** Whoever waits for an answer gets an error at once. */
  close(): void {
    this.#connection.close()
  }

  #look(known: BannerTables | null, before: BannerTables | null): ReturnType<typeof readRevision> {
    return this.#connection.use(client =>
      readAtOnce(client, async () => {
        const look = await readRevision(client, before?.overlay ?? null)
        if (known !== null) expectDatabase(known.overlay.database, look.newest.database, 'banners')
        return look
      }),
    )
  }

  async #readAll(newest: Revision): Promise<BannerTables> {
    // With many pages, one may always take too long: from the beginning each time, they would never be known.
    const { reading, builder } = this.#unfinished ?? {
      reading: new BannerReading(this.#connection, newest),
      builder: new TableBuilder(),
    }
    this.#unfinished = { reading, builder }
    const revision = await reading.allInto(builder).catch((error: unknown) => {
      // What was read is of no use any more, or would fail again.
      if (error instanceof ClickCounterError) this.#unfinished = null
      throw error
    })
    this.#unfinished = null
    const base = await builder.build(revision, null)
    return { base, overlay: await emptyOverlay(base) }
  }

  async #readChanges(before: BannerTables, newest: Revision): Promise<BannerTables> {
    const { base, overlay } = before
    const builder = new TableBuilder(this.#overlays.take())
    await copyRecords(overlay, builder, () => true)
    const most = Math.max(MANY_CHANGES, overlay.registered)
    const revision = await new BannerReading(this.#connection, newest).changesInto(builder, overlay, most)
    // More changes than banners: after a long time away, each banner may have changed a thousand times.
    if (revision === null) return await this.#readAll(newest)
    const tables = { base, overlay: await builder.build(revision, base) }
    // It was full before: there are changes in each round. Otherwise it waits for the next round, so that a change of
    // many is in force before they are put in order.
    return isOverlayFull(before) ? await mergedTables(tables) : tables
  }
}
