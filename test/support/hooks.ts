import { startTestServer, stopTestServer } from './database.ts'
import { checkFetches } from './documented-fetch.ts'
import { killLeftServices } from './process.ts'
import { keepScratchInMemory } from './scratch.ts'

// Mocha ignores them. Thrown from here, they fail the run.
process.on('unhandledRejection', reason => {
  throw reason
})

/** One Postgres for the whole run. This process starts it, and then the parallel processes that run the files. */
export async function mochaGlobalSetup(): Promise<void> {
  // First: the server's files are among those.
  await keepScratchInMemory()
  await startTestServer()
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServer()
}

let checking: Promise<void> | null = null

export const mochaHooks = {
  /** Mocha calls it for each file; it works once a process. */
  beforeAll: () => (checking ??= checkFetches()),
  afterEach: killLeftServices,
}
