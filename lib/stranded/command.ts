import { realpathSync } from 'node:fs'
import { withConnection, withDatabase } from '../../db/commands/command-database.ts'
import { SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { counted } from '../base/counted.ts'
import { ClickCounterError } from '../base/errors.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { journalContent, writersIn } from '../journal/files/left.ts'
import { createLog, standardError } from '../log/log.ts'
import { expectNobodyAtWork, expectTables } from './expect-database.ts'
import { type StrandedPlace, takeStranded } from './place.ts'
import { type ExitCode, resultOf } from './result.ts'
import { storeJournal } from './store.ts'

/** A service's connections begin otherwise, see db/sql/service-connections.sql. */
const NAME = 'clickcounter command journal'
const PATIENCE_MS = 30_000
const PROGRESS_INTERVAL_MS = 2000
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * `npm run journal -- store DIR`: stores another instance's journal in the database of the settings. Resolves with the
 * exit code. Throws a ClickCounterError, and has stored nothing, when that must not or cannot be done.
 */
export async function storeStranded(directory: string): Promise<ExitCode> {
  const { config } = loadConfig()
  const place = takeStranded(directory)
  try {
    expectAnother(place, config)
    return await withDatabase({ mayBeNew: false }, ({ server }) => storeAndTell(place, config, server))
  } finally {
    place.release()
  }
}

/** The embedded Postgres would be started in a directory that this process holds already. */
function expectAnother({ dataDir }: StrandedPlace, config: Config): void {
  if (config.database.server !== null || dataDir !== realpathSync(config.dataDir)) return
  throw new ClickCounterError(
    'OWN_DIRECTORY',
    `${dataDir} is the data directory of these settings, with the embedded Postgres in it: npm start stores what waits there`,
  )
}

async function storeAndTell(
  place: StrandedPlace,
  config: Config,
  database: DatabaseServer,
): Promise<ExitCode> {
  const { dataDir, journal } = place
  // Before the first change: what this refuses, it leaves as it was.
  await withConnection(database, NAME, SERVICE_LIMITS, async client => {
    await expectTables(client)
    await expectNobodyAtWork(client, writersIn(journal), tell)
  })
  tell(`Storing what waits in ${journal}: ${counted(journalContent(journal).waiting.length, 'file')}.`)
  const logOutput = standardError()
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    const { isAllStored } = await storeJournal({
      ...{ config, dataDir, database, logOutput, patienceMs: PATIENCE_MS, signal: interrupted.signal },
      log: createLog(config.logger.level, logOutput),
      onProgress: progress(),
    })
    const { keepMs } = config.journal
    const { exitCode, lines } = resultOf({ place, isAllStored, content: journalContent(journal), keepMs })
    for (const line of lines) tell(line)
    return exitCode
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}

/** Tells now and then what still waits. */
function progress(): Parameters<typeof storeJournal>[0]['onProgress'] {
  let toldAtMs = performance.now()
  return ({ files, bytes }) => {
    if (performance.now() - toldAtMs < PROGRESS_INTERVAL_MS) return
    toldAtMs = performance.now()
    tell(`${counted(files, 'file')} still to be stored, ${bytes} bytes`)
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
