import type { Logger } from 'pino'
import { counted } from '../base/counted.ts'
import { checkOpenFilesLimit } from '../base/descriptors.ts'
import type { Config } from '../config/config.ts'
import { holdDirectory } from '../exclusive/directory.ts'
import { type HeldPort, holdPort } from '../exclusive/port.ts'

interface Place extends Pick<HeldPort, 'port' | 'isReusable'> {
  readonly threadCount: number
}

/**
 * Takes the data directory and the port for this process, until `undo`. Throws a StartError
 * when it cannot serve here.
 */
export async function takePlace(config: Config, log: Logger, undo: AsyncDisposableStack): Promise<Place> {
  // Before the port: swapped, a service that is started twice would be told that
  // "another program" has the port.
  const directory = holdDirectory(config.dataDir)
  undo.defer(() => directory.release())
  const held = await holdPort(config.server.host, config.server.port)
  undo.defer(() => held.release())
  const { port, isReusable } = held
  const threadCount = isReusable ? config.server.threads : 1
  if (threadCount < config.server.threads)
    log.warn('this platform cannot share a port between threads: one request thread serves all')
  checkOpenFilesLimit({ threadCount, databaseConnections: config.database.maxOpenConnections })
  if (config.database.maxOpenConnections < threadCount + 2)
    log.warn(
      `${counted(threadCount, 'request thread')}, the flush worker and the watch over the keys use ${threadCount + 2} database connections; set CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS to that, or CLICKCOUNTER_SERVER_THREADS to less`,
    )
  return { port, isReusable, threadCount }
}
