import type { Logger } from 'pino'
import { AccessFile } from '../access-watch/access-file.ts'
import { AccessReport } from '../access-watch/access-report.ts'
import { AccessSource } from '../access-watch/access-source.ts'
import { AccessWatch } from '../access-watch/access-watch.ts'
import { BannerFiles } from '../banner-watch/banner-files.ts'
import { BannerPublisher } from '../banner-watch/banner-publisher.ts'
import { BannerReport } from '../banner-watch/banner-report.ts'
import { BannerSource } from '../banner-watch/banner-source.ts'
import { OverlayMemory } from '../banner-watch/overlay-memory.ts'
import type { BannerTables } from '../banners/banner-table.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import type { Publication } from '../messages.ts'
import { Watch } from '../watch/watch.ts'
import { WatchConnection } from '../watch/watch-connection.ts'
import type { Flushing } from './flushing.ts'

interface WatchesOptions extends Pick<Flushing, 'memory' | 'books' | 'conditions'> {
  readonly config: Config
  readonly database: DatabaseServer
  readonly log: Logger
}

interface Beginning {
  /** Sends to all request threads. Resolves with whether every one goes by it. */
  readonly send: (publication: Publication) => Promise<boolean>
  /** Postgres is not asked before this has resolved. */
  readonly after: Promise<void> | undefined
  /** Resolves when the tables are ready, or cannot be made ready now. */
  readonly tablesTried: Promise<void>
}

/** Main's watches over what Postgres holds and request threads need in memory. */
interface Watches {
  readonly access: AccessWatch
  readonly banners: Watch<BannerTables>
  /** The one that they share. It is closed when they stop. */
  readonly connection: WatchConnection
  /** Begins to ask Postgres. Resolves when it was asked once the tables were tried. */
  start(beginning: Beginning): Promise<void>
}

/** Makes the watches, which know what files tell. They ask Postgres once they are started, until `undo`. */
export async function openWatches(
  { config, log, ...options }: WatchesOptions,
  undo: AsyncDisposableStack,
): Promise<Watches> {
  const { adminKey } = config.access
  const connection = new WatchConnection(options.database)
  const overlays = new OverlayMemory()
  const access = new AccessWatch({
    source: new AccessSource(connection),
    file: new AccessFile(config.dataDir, log),
    report: new AccessReport({ adminKey, log, ...options }),
  })
  const banners = new Watch({
    source: new BannerSource(connection, overlays),
    file: new BannerFiles(config.dataDir, log),
    report: new BannerReport({ log, ...options }),
  })
  await access.load()
  await banners.load()
  undo.defer(async () => void (await Promise.all([access.stop(), banners.stop()])))
  return {
    access,
    banners,
    connection,
    async start({ send, ...beginning }) {
      const publisher = new BannerPublisher({ send, overlays, begun: banners.snapshot })
      await Promise.all([
        access.start({
          publish: async snapshot => void (await send({ kind: 'access', snapshot })),
          ...beginning,
        }),
        banners.start({ publish: tables => publisher.publish(tables), ...beginning }),
      ])
    },
  }
}
