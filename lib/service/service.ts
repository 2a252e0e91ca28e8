import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../db/embedded/embedded.ts'
import { version } from '../base/version.ts'
import { readBotLists } from '../bots/read-bot-lists.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import type { Leftover } from '../flush/flusher.ts'
import type { HealthSources } from '../health/report.ts'
import { journalContent } from '../journal/files/left.ts'
import { journalPath } from '../journal/files/names.ts'
import type { LogOutput } from '../log/log-output.ts'
import { CONTROL, SERVICE_SERVING, SERVICE_STOPPING } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { Publication } from '../messages.ts'
import { Generations } from '../ring/generations.ts'
import { Ring } from '../ring/ring.ts'
import { Rollups } from '../rollups/rollups.ts'
import { RollupsReport } from '../rollups/rollups-report.ts'
import { BotFiles } from './bot-files.ts'
import { EmbeddedWatch } from './embedded-watch.ts'
import { type FleetPlace, openFleet } from './fleet.ts'
import { type Flushing, openFlushing } from './flushing.ts'
import { takePlace } from './place.ts'
import { startSampler } from './sampler.ts'
import { StartTimes } from './start-times.ts'
import { prepareTables, type TablesPreparation } from './tables.ts'
import { ThreadSupervisor } from './thread-supervisor.ts'
import { openWatches } from './watches.ts'

/**
 * How long a stop waits for answers in flight. Idle connections have half of it; the rest of the
 * deadline is for the last flush.
 */
const ANSWER_GRACE_MS = 2000
/** How long `ready` waits for the tables, the keys and the banners, once the embedded Postgres was tried. */
const TABLES_WAIT_MS = 1000

export interface Service {
  readonly url: string
  /** Request threads that serve: one where threads cannot share a port. */
  readonly threadCount: number
  /** Resolves when the database was tried: a question is answered from now on, if it is there. */
  readonly ready: Promise<void>
  /** Reads the operator's lists of bots again, of which one at least is set. Resolves when they are in force, or wrong. */
  rereadBotLists(): Promise<void>
  /**
   * Serves on, not ready, for the time of the drain. Then it stops accepting, answers what is in flight,
   * flushes until `deadline`, and stops the embedded Postgres. Resolves with what is not stored.
   */
  stop(deadline: AbortSignal): Promise<Stopped>
}

export interface Stopped extends Leftover {
  /** Files of clicks in the journal that wait, or were put aside, of earlier processes as well. null: nobody can tell. */
  readonly waitingFiles: number | null
}

/**
 * Starts everything, and resolves when clicks are accepted, whether or not the database is there. Rejects
 * with a StartError, and leaves nothing running, when it cannot start here.
 *
 * What breaks when two steps swap:
 *
 * 1. Data directory and port. A second service must end before it touches the files, the Postgres or the port
 *    of the first one. The threads share the port, so the kernel would let the second one have it, too.
 * 2. The lists of bots, and the embedded Postgres, looked at: its address, and what no later try could mend. The worker
 *    and the threads are given them. Before step 1, Postgres might be another service's. After step 6, clicks would
 *    be acknowledged by a service that then ends.
 * 3. Shared memory, journal, flush worker. A click that finds the ring full asks for a flush as soon
 *    as the first thread listens. The salt of clients' keys is in the memory by then: without it, a thread would make
 *    keys that everybody can make.
 * 4. The embedded Postgres, brought up while the other steps go on. Before step 3, nobody could be told that
 *    it fails. Nothing below waits for it: clicks that come before it are in the journal.
 * 5. The keys and banners that an earlier process has left in files. After step 6, who has a key would be told to come
 *    back later, and so would who clicks on a banner.
 * 6. The request threads. When one of them cannot listen, the start fails. Nothing that comes later has begun
 *    by then, and most of it has no undoing.
 * 7. Serving. Told earlier, /health/ready would send clicks to threads that do not listen yet. The sampler comes after
 *    it: a dashboard's first seconds would be those of a service that is not there yet.
 * 8. The flusher. Before the threads, its look through a large journal would hold back the first click. It is
 *    the last step that may fail the start: the tables, which come after it, have no undoing.
 * 9. The heartbeat, and the tables. Before step 8, a heartbeat would know nothing of what earlier processes have left.
 *    They need Postgres: asked for before it is up, it would be called away. If step 6 waited for
 *    them, a database that is away would keep the service from counting.
 * 10. The watches over keys and banners, which ask beside the tables, and again after them. Before step 6, there would
 *    be no thread to tell. Before step 9, the first answer on a new database would be that it has no tables.
 * 11. The roll-ups, which no start waits for. Before step 9, they would find no tables on a new database.
 *
 * A start that fails undoes its steps from the last to the first, and so does the end of a stop.
 */
export async function startService(config: Config, log: Logger, logOutput: LogOutput): Promise<Service> {
  const times = new StartTimes()
  times.ended('modules')
  await using undo = new AsyncDisposableStack()
  const { port, isReusable, threadCount } = await takePlace(config, log, undo)
  times.ended('place')
  const botLists = await readBotLists(config.classes)
  const embedded = config.database.server === null ? await openEmbedded(config, log, undo) : null
  const database = config.database.server ?? embedded!.server
  times.ended('postgres')
  const flushing = openFlushing({ config, threadCount, database, log, logOutput }, undo)
  const { memory, flusher, journalPlace } = flushing
  times.ended('flushing')
  const watch = embedded === null ? null : watchEmbedded(embedded, { log, ...flushing }, undo)
  const watches = await openWatches({ config, database, log, ...flushing }, undo)
  const fleet = openFleet({ config, port, database, log, ...watches, ...flushing }, undo)
  const { instance } = fleet
  times.ended('files')
  const bots = new BotFiles({ config, log, lists: botLists, ...flushing })
  const threads = new ThreadSupervisor({
    threadCount,
    data: { config, instance, database, journalPlace, memory: memory.handle, port, reusePort: isReusable },
    ...watches,
    bots,
    generations: new Generations(memory),
    flusher,
    log,
  })
  undo.defer(() => threads.stop(0))
  await threads.start()
  times.ended('threads')
  serve(memory, { config, instance }, undo)
  log.info({ stepsMs: times.stepsMs }, `clicks are accepted after ${times.seconds.toFixed(2)} s`)
  flusher.start()
  fleet.start()
  const tables = prepareTables({ after: watch?.firstAttempt, database, log, ...fleet, ...flushing })
  const send = (publication: Publication) => threads.publish(publication)
  const tablesTried = tables.firstAttempt
  const watchesTried = watches.start({ send, after: watch?.firstAttempt, tablesTried })
  const rollups = startRollups({ config, database, log, tablesTried, ...flushing })
  const running = { config, log, flushing, threads, tables, fleet, rollups, undo: undo.move() }
  return {
    url: `http://${urlHost(config.server.host)}:${port}`,
    threadCount,
    ready: untilTried(Promise.all([watchesTried, fleet.readiness.settled]), watch),
    rereadBotLists: () => bots.reread(send),
    stop: deadline => stopService(running, deadline),
  }
}

/** Brings the embedded Postgres up, and again when it ends, until `undo`. */
function watchEmbedded(
  embedded: EmbeddedPostgres,
  { conditions, log }: Pick<Flushing, 'conditions'> & { log: Logger },
  undo: AsyncDisposableStack,
): EmbeddedWatch {
  const watch = new EmbeddedWatch(embedded, conditions, log)
  undo.defer(() => watch.stop())
  return watch
}

/** Tells health checks that clicks are accepted, and takes samples until `undo`. */
function serve(
  memory: SharedMemory,
  sources: Pick<HealthSources, 'config' | 'instance'>,
  undo: AsyncDisposableStack,
): void {
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  const sampler = startSampler({ memory, ring: new Ring(memory), version, ...sources })
  undo.defer(() => sampler.stop())
}

/** An embedded Postgres may take long to recover from a crash. A database elsewhere may never answer. */
async function untilTried(tried: Promise<unknown>, watch: EmbeddedWatch | null): Promise<void> {
  await watch?.firstAttempt
  await Promise.race([tried, delay(TABLES_WAIT_MS, undefined, { ref: false })])
}

interface RollupsSources extends Pick<Flushing, 'memory' | 'books' | 'conditions'> {
  readonly config: Config
  readonly database: DatabaseServer
  readonly log: Logger
  readonly tablesTried: Promise<void>
}

function startRollups({ config, database, tablesTried, ...sources }: RollupsSources): Rollups {
  const report = new RollupsReport({ database, ...sources })
  const rollups = new Rollups({
    database,
    retention: config.retention,
    idempotencyKeyDays: config.idempotencyKeyDays,
    report,
  })
  void rollups.start(tablesTried)
  return rollups
}

interface Running {
  readonly config: Config
  readonly log: Logger
  readonly flushing: Flushing
  readonly threads: ThreadSupervisor
  readonly tables: TablesPreparation
  readonly fleet: FleetPlace
  readonly rollups: Rollups
  /** Undoes the steps of the start, from the last to the first. */
  readonly undo: AsyncDisposableStack
}

/**
 * What breaks when two steps swap:
 *
 * 1. Not ready, but serving. A proxy that is not told would send requests to a port that is closed.
 * 2. The request threads. Clicks that they take after the last flush would wait for the next start. Beside them the
 *    roll-ups, whose running step would hold back the last flush.
 * 3. The last flush. It needs the tables, and Postgres, which are looked after until it is over.
 * 4. The last heartbeat. Before the last flush, this instance would say that it has stopped, and its clicks turn up later.
 *    After step 5, it would have no connection.
 * 5. The rest, from the last step of the start to the first. The watch goes before Postgres, which it would
 *    start again. So do the watches over keys and banners, which ask Postgres and write into the directory.
 *    The directory goes last: another service that gets it takes over Postgres and the journal, which nobody here may
 *    touch then.
 */
async function stopService(running: Running, deadline: AbortSignal): Promise<Stopped> {
  const { config, log, flushing, threads, tables, fleet, rollups, undo } = running
  const { memory, flusher } = flushing
  const { drainMs } = config.server
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_STOPPING)
  fleet.drain()
  // After the store: a script that reads this line must find the service not ready.
  if (drainMs > 0) log.info(`not ready, serving on for ${drainMs / 1000} s`)
  await delay(drainMs)
  await Promise.all([threads.stop(ANSWER_GRACE_MS), rollups.stop()])
  // Before the drain, which needs the tables: their back-off may be longer than the deadline.
  tables.hurry()
  const leftover = await flusher.drain(deadline)
  await fleet.stop(leftover)
  tables.cancel()
  // Before the directory goes: what another service writes there would be taken for what was left.
  const waitingFiles = filesLeft(config.dataDir)
  await undo.disposeAsync().catch(error => log.error({ err: error }, 'something did not stop'))
  return { ...leftover, waitingFiles }
}

function filesLeft(dataDir: string): number | null {
  try {
    const { waiting, aside, asideBulks } = journalContent(journalPath(dataDir))
    return waiting.length + aside.length + asideBulks.length
  } catch {
    return null
  }
}

async function openEmbedded(
  config: Config,
  log: Logger,
  undo: AsyncDisposableStack,
): Promise<EmbeddedPostgres> {
  const embedded = await openEmbeddedPostgres({ dataDir: config.dataDir, log: message => log.info(message) })
  undo.defer(() => embedded.stop())
  return embedded
}

/** The host in a URL, as a client on this machine writes it. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
