import { startTestServer, stopTestServer } from './database.ts'

/** One Postgres for the whole run. */
export async function mochaGlobalSetup(): Promise<void> {
  await startTestServer()
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopTestServer()
}
