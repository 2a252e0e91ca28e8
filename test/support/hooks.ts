import { startTestServer, stopTestServer } from './database.ts'
import { checkFetches } from './documented-fetch.ts'
import { killLeftServices } from './process.ts'

// Mocha swallows them; thrown from here they fail the run.
process.on('unhandledRejection', reason => {
  throw reason
})

/** One Postgres for the whole run: in the process that starts those that the files run in, side by side. */
export async function mochaGlobalSetup(): Promise<void> {
  await startTestServer()
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServer()
}

let checking: Promise<void> | null = null

export const mochaHooks = {
  /** Once a process; mocha calls it for each file. */
  beforeAll: () => (checking ??= checkFetches()),
  afterEach: killLeftServices,
}
