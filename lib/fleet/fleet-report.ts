import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import { type Fleet, type FleetInstance, INSTANCE_STATES } from '../../db/fleet/fleet.ts'
import { counted } from '../base/counted.ts'
import { throttled } from '../base/throttled.ts'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { DatabaseServer } from '../config/config.ts'
import { listed } from '../config/wording.ts'
import { FLEET_NUMBERS } from '../memory/fleet-numbers.ts'
import { CONTROL, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** A deploy may take this long. */
const SKEW_MS = 3_600_000

interface FleetReportOptions {
  readonly database: DatabaseServer
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly log: Logger
}

/** Tells operators of all instances: in metrics, on /health and in the log. */
export class FleetReport {
  readonly #options: FleetReportOptions
  readonly #warn: ReturnType<typeof throttled<[]>>
  /** Ids of those that were lost at the last look. */
  #lostBefore: ReadonlySet<string> = new Set()

  constructor(options: FleetReportOptions) {
    this.#options = options
    this.#warn = throttled((what, error) => options.log.warn({ reason: error.message }, what))
  }

  looked({ finalThrough, instances }: Fleet): void {
    const { books } = this.#options
    const lost = instances.filter(({ state }) => state === 'lost')
    for (const state of INSTANCE_STATES)
      books.set(FLEET_NUMBERS[state], instances.filter(instance => instance.state === state).length)
    books.set(
      'fleetLostPending',
      lost.reduce((sum, { pending }) => sum + pending, 0),
    )
    books.set('fleetFinalThroughMs', finalThrough === null ? 0 : Date.parse(finalThrough))
    this.#tellLost(lost)
    this.#tellVersions(instances)
  }

  /** The row could not be written. While Postgres is away, others tell of that. */
  failed(error: unknown): void {
    const { memory, database } = this.#options
    if (Atomics.load(memory.i32, CONTROL.databaseState) !== DATABASE_UP) return
    const { message } = databaseFailure(error, database)
    this.#warn('this instance cannot tell the others that it serves, and tries again', new Error(message))
  }

  /** Of those that were lost at the last look as well: what one process has left, the next one stores within seconds. */
  #tellLost(lost: readonly FleetInstance[]): void {
    const { conditions } = this.#options
    const still = lost.filter(({ id }) => this.#lostBefore.has(id))
    this.#lostBefore = new Set(lost.map(({ id }) => id))
    if (still.length === 0) conditions.clear('fleet_lost')
    else
      conditions.raise(
        'fleet_lost',
        `Lost: ${listed(still.map(({ name, pending }) => `${name} (${counted(pending, 'click')} pending)`))}. What they ` +
          'hold is missing in answers, and nothing after their last heartbeat is final. npm run fleet -- list says what to do.',
      )
  }

  #tellVersions(instances: readonly FleetInstance[]): void {
    const { conditions } = this.#options
    const alive = instances.filter(({ state }) => state === 'serving' || state === 'draining')
    const since = Array.from(Map.groupBy(alive, ({ version }) => version).values(), of =>
      Math.min(...of.map(({ startedAt }) => Date.parse(startedAt))),
    ).sort((a, b) => a - b)
    const [, skewSince] = since
    if (skewSince === undefined || Date.now() - skewSince < SKEW_MS) conditions.clear('fleet_versions')
    else {
      const versions = alive.map(({ name, version }) => `${name} runs ${version}`)
      conditions.raise(
        'fleet_versions',
        `Instances of different versions have served together for more than an hour: ${listed(versions)}. Finish the deploy, or take it back.`,
      )
    }
  }
}
