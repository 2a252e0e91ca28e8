import type pg from 'pg'
import {
  type ChangedBanner,
  type ChangePlace,
  readAtOnce,
  readChanged,
  readPage,
  readRevision,
} from '../../db/banners/read-banners.ts'
import { MAX_BANNER_ID } from '../banners/banner-id.ts'
import type { Revision } from '../banners/revision.ts'
import type { TableBuilder } from '../banners/table-builder.ts'
import { ClickCounterError } from '../base/errors.ts'
import type { WatchConnection } from '../watch/watch-connection.ts'

/** So few that the keys, which are read over the same connection, wait some ten milliseconds. */
const PAGE_ROWS = 2000

/**
 * Reads many banners in pages, each in a transaction of its own. So Postgres keeps no old rows for it, and the keys are
 * read in between. Pages are of several moments: what was changed meanwhile is read once more, until one page has all
 * of it.
 */
export class BannerReading {
  readonly #connection: WatchConnection
  /** The newest revision at the last page. */
  #seen: Revision
  /** The newest revision before the first page. */
  readonly #since: Revision
  /** The last id of the page before; null: there is no further page. */
  #afterId: number | null = 0

  /** `newest`: of the database that is read. */
  constructor(connection: WatchConnection, newest: Revision) {
    this.#connection = connection
    this.#seen = newest
    this.#since = newest
  }

  /**
   * Writes all banners, as they are at the revision that this resolves with. When it rejects, it may be called again
   * with the same builder, and goes on behind the last page, unless it was with a ClickCounterError.
   */
  async allInto(builder: TableBuilder): Promise<Revision> {
    while (this.#afterId !== null) {
      const afterId = this.#afterId
      const banners = await this.#page(client => readPage(client, afterId, PAGE_ROWS))
      for (const banner of banners) builder.put(banner)
      this.#afterId = banners.length < PAGE_ROWS ? null : banners.at(-1)!.id
    }
    return (await this.changesInto(builder, this.#since))!
  }

  /**
   * Writes what has changed since that revision, up to the one that this resolves with. null: the builder has more
   * records than `mostRecords`, and not all changes.
   */
  async changesInto(
    builder: TableBuilder,
    since: Revision,
    mostRecords = Number.POSITIVE_INFINITY,
  ): Promise<Revision | null> {
    for (let from = since; ; ) {
      let page = await this.#changedAfter({ revision: from.revision, bannerId: MAX_BANNER_ID })
      const through = this.#seen
      const isOfOneMoment = isLast(page)
      write(page.changed, builder)
      while (!isLast(page)) {
        if (builder.records > mostRecords) return null
        page = await this.#changedAfter(page.place)
        write(page.changed, builder)
      }
      if (isOfOneMoment) return through
      from = through
    }
  }

  #changedAfter(place: ChangePlace): Promise<ChangedPage> {
    return this.#page(client => readChanged(client, place, PAGE_ROWS))
  }

  /**
   * Rejects with a ClickCounterError when the database does not have the revision any more that the page before has
   * seen: then what was read is partly of changes that nobody knows any more.
   */
  #page<Page>(read: (client: pg.Client) => Promise<Page>): Promise<Page> {
    return this.#connection.use(client =>
      readAtOnce(client, async () => {
        const { newest, hasGiven } = await readRevision(client, this.#seen)
        if (!hasGiven || newest.database !== this.#seen.database)
          throw new ClickCounterError(
            'BANNERS_LOST',
            'Postgres has lost changes of banners, or was replaced, while they were read',
          )
        this.#seen = newest
        return await read(client)
      }),
    )
  }
}

type ChangedPage = Awaited<ReturnType<typeof readChanged>>

function isLast({ changed }: ChangedPage): boolean {
  return changed.length < PAGE_ROWS
}

function write(changed: readonly ChangedBanner[], builder: TableBuilder): void {
  for (const { id, banner } of changed) {
    if (banner === null) builder.remove(id)
    else builder.put(banner)
  }
}
