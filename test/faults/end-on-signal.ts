import { stopTestServer } from '../support/database.ts'
import { killLeftServices } from '../support/process.ts'
import { stopOwnServers } from './own-postgres.ts'

/** Preloaded by the long form. Without it, a signal would leave services and Postgres running. */
let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, async () => {
    if (isEnding) return
    isEnding = true
    killLeftServices()
    await Promise.allSettled([stopOwnServers(), stopTestServer()])
    process.exit(1)
  })
