import os from 'node:os'
import type { Logger } from 'pino'
import { version } from '../base/version.ts'
import { readNumber } from '../books/balance.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import { FleetReport } from '../fleet/fleet-report.ts'
import { Heartbeat } from '../fleet/heartbeat.ts'
import { Readiness } from '../fleet/readiness.ts'
import type { Leftover } from '../flush/flusher.ts'
import type { WatchConnection } from '../watch/watch-connection.ts'
import type { Flushing } from './flushing.ts'

interface FleetOptions extends Pick<Flushing, 'memory' | 'books' | 'conditions' | 'flusher' | 'writer'> {
  readonly config: Config
  readonly port: number
  readonly database: DatabaseServer
  readonly connection: WatchConnection
  readonly log: Logger
}

/** This instance among those of its database. */
export interface FleetPlace {
  /** What the others call this instance. */
  readonly instance: string
  readonly readiness: Readiness
  /** Begins to tell the others of this instance. */
  start(): void
  /** Tells them that it stops before long. */
  drain(): void
  /** Tells them what is left of it. */
  stop(leftover: Leftover): Promise<void>
}

/** Makes this instance not ready, unless its Postgres is embedded, and ends what it has begun with `undo`. */
export function openFleet(options: FleetOptions, undo: AsyncDisposableStack): FleetPlace {
  const { config, port, flusher, writer, connection, ...sources } = options
  const instance = config.instanceName ?? `${os.hostname()}:${port}`
  const { memory } = sources
  const readiness = new Readiness(memory, { isAlone: config.database.server === null })
  undo.defer(() => readiness.stop())
  const heartbeat = new Heartbeat({
    connection,
    instance: { writer, name: instance, version, startedAtMs: readNumber(memory, 'startedAtMs') },
    stand: () => flusher.stand(),
    report: new FleetReport(sources),
  })
  return {
    instance,
    readiness,
    start() {
      flusher.afterStore(() => heartbeat.hurry())
      void heartbeat.hasRow.then(() => readiness.hasPlace())
      heartbeat.start()
    },
    drain: () => heartbeat.drain(),
    stop: ({ clicks }) => heartbeat.stop(clicks === 0),
  }
}
