import type { AccessToken } from '../../db/access/read-access.ts'
import type { AccessSnapshot } from '../../lib/access/snapshot.ts'
import { AccessWatch } from '../../lib/access-watch/access-watch.ts'
import { snapshotOf } from '../support/keys.ts'

/** Of a watch that is tested for what happens between its rounds. */
const NEVER_MS = 3_600_000

/** Makes watches for the tests that this is called among. They are stopped after each. */
export function useWatches() {
  const watches: AccessWatch[] = []
  afterEach(async () => {
    for (const watch of watches.splice(0)) await watch.stop()
  })

  /** A watch over a database of the test's. `events` are in the order in which they happened. */
  return function newWatch({
    intervalMs = NEVER_MS,
    kept = null as AccessSnapshot | null,
    keptAgeMs = 0,
  } = {}) {
    const events: string[] = []
    const world = {
      present: snapshotOf([]),
      events,
      reads: 0,
      confirmedAtMs: [] as number[],
      failures: 0,
      /** What is awaited between the reading and its answer. */
      reading: () => Promise.resolve() as Promise<void>,
      publishing: (_: AccessSnapshot) => Promise.resolve() as Promise<void>,
      uses: [] as [string, string][][],
      noteUse: () => Promise.resolve() as Promise<void>,
      saving: () => Promise.resolve() as Promise<void>,
    }
    const watch: AccessWatch = new AccessWatch({
      intervalMs,
      source: {
        async read(known: AccessToken | null) {
          world.reads++
          const { present } = world
          await world.reading()
          return present.token === known?.token && present.database === known.database ? null : present
        },
        async noteUse(days) {
          await world.noteUse()
          world.uses.push([...days])
        },
        close: () => void events.push('closed'),
      },
      file: {
        read: async () => kept && { snapshot: kept, confirmedAtMs: Date.now() - keptAgeMs },
        async confirmed({ token }) {
          events.push(`file ${token}`)
          await world.saving()
        },
      },
      report: {
        took: ({ token }, atMs) => {
          world.confirmedAtMs.push(atMs)
          events.push(`report ${token}`)
        },
        confirmed: atMs => world.confirmedAtMs.push(atMs),
        failed: () => world.failures++,
        tell: () => {},
      },
    })
    watches.push(watch)
    const start = () =>
      watch.start({
        publish: async snapshot => {
          events.push(`publish ${snapshot.token}, new threads get ${watch.snapshot?.token}`)
          await world.publishing(snapshot)
          events.push(`published ${snapshot.token}`)
        },
        tablesTried: Promise.resolve(),
      })
    return { watch, world, start }
  }
}
