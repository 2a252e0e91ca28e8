import { inspect } from 'node:util'
import type { Logger } from 'pino'
import { hostText } from '../db/connection/hosts.ts'
import { counted } from './base/counted.ts'
import { ConfigError, StartError } from './base/errors.ts'
import { version } from './base/version.ts'
import type { Config, DatabaseServer } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { unknownVariable } from './config/variables.ts'
import { createLog, standardOutput } from './log/log.ts'
import { LogOutput } from './log/log-output.ts'
import { type Service, type Stopped, startService } from './service/service.ts'

/** Entry of `npm start`, and of the main thread: settings, start, signals, exit code. */

const STDERR = 2
/** The threads and the last flush may take this long, from the end of the drain. */
const FLUSH_DEADLINE_MS = 7500
/** The whole stop may take this long, from the end of the drain. Then the process exits, whatever hangs. */
const STOP_DEADLINE_MS = 9500
/**
 * A terminal sends Ctrl-C to npm and to us, and npm sends it to us again. Two within this time count as one.
 */
const SIGNAL_ECHO_MS = 500

async function main(): Promise<void> {
  const { config, unknownVariables, warnings } = loadConfig()
  const logOutput = standardOutput()
  const log = createLog(config.logger.level, logOutput)
  log.info({ version, config: withoutSecrets(config) }, 'starting')
  process.on('uncaughtException', error => {
    log.fatal({ err: error }, 'dying of an unexpected error')
    die(inspect(error))
  })
  // Other threads print through these. Without a listener, a pipe that nobody reads any more would throw.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (const warning of warnings) log.warn(warning)
  for (const variable of unknownVariables)
    log.warn(`${unknownVariable(variable)} and is ignored; npm run config lists them`)
  const starting = startService(config, log, logOutput)
  // Not after the await: during the start, a signal would kill the process and leave the
  // embedded Postgres running.
  const isStopping = stopOnSignal(starting, config, log)
  const service = await starting
  // Who reads that it listens may ask for clicks at once.
  await service.ready
  // It does not listen any more, or not for long.
  if (!isStopping()) announce(service, config, log)
}

function announce(service: Service, config: Config, log: Logger): void {
  const { host } = config.server
  const { url, threadCount } = service
  const { server } = config.database
  const database = server === null ? 'the embedded Postgres in it' : hostsOf(server)
  log.info(`listening on ${host}, ${counted(threadCount, 'request thread')}: ${url}`)
  log.info(`data in ${config.dataDir}, database: ${database}`)
  log.info(`try: curl -i ${url}/counter/1`)
}

function hostsOf({ furtherHosts, ...server }: DatabaseServer): string {
  return furtherHosts === undefined ? server.host : [server, ...furtherHosts].map(hostText).join(', ')
}

/** The first signal stops in order, a second one at once; but see SIGHUP. Returns whether the first one has come. */
function stopOnSignal(starting: Promise<Service>, config: Config, log: Logger): () => boolean {
  const { drainMs } = config.server
  let stoppingSinceMs: number | null = null
  const onSignal = (signal: NodeJS.Signals) => {
    if (stoppingSinceMs === null) {
      stoppingSinceMs = performance.now()
      log.info(`${signal}: stopping`)
      setTimeout(giveUp, drainMs + STOP_DEADLINE_MS, config, log)
      void stop(starting, config, log)
    } else if (performance.now() - stoppingSinceMs > SIGNAL_ECHO_MS) {
      log.warn(`${signal} again: exiting at once`)
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  // Without a list to read again, it means that the terminal was closed.
  process.on('SIGHUP', hasBotLists(config) ? () => void rereadBotLists(starting, log) : onSignal)
  return () => stoppingSinceMs !== null
}

function hasBotLists({ classes }: Config): boolean {
  return classes.botPatternsFile !== null || classes.botAddressesFile !== null
}

async function rereadBotLists(starting: Promise<Service>, log: Logger): Promise<void> {
  log.info('SIGHUP: reading the lists of bots again')
  // A start that fails has its own last words.
  const service = await starting.catch(() => null)
  await service?.rereadBotLists()
}

async function stop(starting: Promise<Service>, config: Config, log: Logger): Promise<never> {
  const deadline = AbortSignal.timeout(config.server.drainMs + FLUSH_DEADLINE_MS)
  const service = await starting
  const stopped = await service.stop(deadline)
  const { clicks, isAllStored, waitingFiles } = stopped
  const isNothingLeft = isAllStored && waitingFiles === 0
  if (isNothingLeft) log.info('stopped; every click is stored')
  else log.error({ clicks, files: waitingFiles }, `stopped; ${leftText(stopped)}. ${fateOf(config)}`)
  process.exit(isNothingLeft ? 0 : 1)
}

function leftText({ clicks, isAllStored, waitingFiles }: Stopped): string {
  const files = waitingFiles === null ? 'files that cannot be counted' : counted(waitingFiles, 'file')
  if (isAllStored) return `no click of this process waits, but ${files} in the journal`
  return `${counted(clicks, 'click')} could not be stored in time, and ${files} wait`
}

function giveUp(config: Config, log: Logger): never {
  const deadlineMs = config.server.drainMs + STOP_DEADLINE_MS
  log.error(`not stopped in ${deadlineMs / 1000} s, exiting. ${fateOf(config)}`)
  process.exit(1)
}

/** The command is for an instance that does not come back. An embedded Postgres is in the same directory. */
function fateOf({ dataDir, database }: Config): string {
  const command = database.server === null ? '' : `; so does npm run journal -- store ${dataDir}`
  return (
    `What is not stored is in ${dataDir}/journal. What waits there, the next start stores${command}. ` +
    'What was put aside needs a decision: npm run journal -- list shows it'
  )
}

function withoutSecrets(config: Config) {
  const { database, access } = config
  return {
    ...config,
    access: { ...access, adminKey: access.adminKey && '***' },
    database: { ...database, server: database.server && { ...database.server, password: '***' } },
  }
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) die(error.message)
  if (error instanceof StartError) die(`clickcounter cannot start: ${error.message}`)
  die(`clickcounter cannot start: ${(error as Error).stack}`)
})

function die(lastWords: string): never {
  new LogOutput(STDERR).write(`${lastWords}\n`)
  process.exit(1)
}
