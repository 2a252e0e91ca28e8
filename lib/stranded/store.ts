import type { Logger } from 'pino'
import type { Config, DatabaseServer } from '../config/config.ts'
import type { LogOutput } from '../log/log-output.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { openFlushing } from '../service/flushing.ts'
import { Patience } from './patience.ts'

const LOOK_INTERVAL_MS = 250

export interface StoreOptions {
  /** Of this command; but for the data directory. */
  readonly config: Config
  /** Another instance's. This process holds it. */
  readonly dataDir: string
  readonly database: DatabaseServer
  readonly log: Logger
  readonly logOutput: LogOutput
  /** Once tries fail, it ends when nothing was stored for so long. */
  readonly patienceMs: number
  /** Called several times a second with what waits. */
  readonly onProgress: (waiting: { readonly files: number; readonly bytes: number }) => void
  /** Ends it early: what is not stored by then waits. */
  readonly signal: AbortSignal
}

/**
 * Stores what waits in the data directory as a service would that starts there and stops at once: with the same parts,
 * under the keys of the processes that have left it. So what is stored already is not stored again, whoever did it, and
 * when this process is killed, the next one goes on. Resolves with whether all was stored that this program and this
 * database may store. Throws a StartError when the journal cannot be used.
 *
 * What breaks when two steps swap:
 *
 * 1. The journal is looked through. Stored before it, the files of an older generation would come too late: the ledger
 *    takes none after a newer one.
 * 2. Storing is allowed. The tables are there, or the caller would not have come so far.
 * 3. The drain: it waits for what the first two have put into the backlog.
 */
export async function storeJournal(options: StoreOptions): Promise<{ readonly isAllStored: boolean }> {
  const { dataDir, signal, patienceMs } = options
  await using undo = new AsyncDisposableStack()
  // No click comes: there is nobody to refuse, and what is kept need not make room for more.
  const journal = { ...options.config.journal, maxBytes: Number.POSITIVE_INFINITY }
  const config = { ...options.config, dataDir, journal }
  // No request thread comes: its part of the shared memory is never touched.
  const flushing = openFlushing({ ...options, config, threadCount: 1 }, undo)
  const { memory, flusher } = flushing
  const givenUp = new AbortController()
  const patience = new Patience({ memory, patienceMs })
  const timer = setInterval(() => {
    options.onProgress(waitingIn(memory))
    if (patience.isOver(performance.now())) givenUp.abort()
  }, LOOK_INTERVAL_MS)
  undo.defer(() => clearInterval(timer))
  flusher.start()
  flusher.allowStoring()
  const { isAllStored } = await flusher.drain(AbortSignal.any([signal, givenUp.signal]))
  // A writer whose end is not recorded would be taken for one that is lost.
  return { isAllStored: isAllStored && flusher.isBacklogEmpty }
}

/** As the flusher has measured it last. */
function waitingIn(memory: SharedMemory) {
  const number = (name: 'journalFiles' | 'journalBytes') => memory.f64[memory.numberIndex(name)]!
  return { files: number('journalFiles'), bytes: number('journalBytes') }
}
