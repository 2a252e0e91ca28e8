import { startTestServer, stopTestServer } from './database.ts'
import { checkFetches } from './documented-fetch.ts'
import { killLeftServices } from './process.ts'

// Mocha swallows them; thrown from here they fail the run.
process.on('unhandledRejection', reason => {
  throw reason
})

/** One Postgres for the whole run, and one pair of eyes on all answers. */
export async function mochaGlobalSetup(): Promise<void> {
  await startTestServer()
  await checkFetches()
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServer()
}

export const mochaHooks = {
  afterEach: killLeftServices,
}
