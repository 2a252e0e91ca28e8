import { startTestServer, stopTestServer } from './database.ts'
import { killLeftServices } from './process.ts'

/** One Postgres for the whole run. */
export async function mochaGlobalSetup(): Promise<void> {
  await startTestServer()
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServer()
}

export const mochaHooks = {
  afterEach: killLeftServices,
}
