import type { Final } from './final-through.ts'

/** An instance that was silent for so long is lost, by the clock of Postgres. */
export const LOST_SECONDS = 15
export const INSTANCE_STATES = ['serving', 'draining', 'stopped', 'lost', 'forgotten'] as const
export type InstanceState = (typeof INSTANCE_STATES)[number]

/** All instances on one database. */
export interface Fleet extends Final {
  /** By name. */
  readonly instances: readonly FleetInstance[]
}

export interface FleetInstance {
  readonly name: string
  /** Its writer: of one life of the process. */
  readonly id: string
  readonly version: string
  readonly state: InstanceState
  readonly startedAt: string
  /** By the clock of Postgres. */
  readonly seenAt: string
  /** Gross, with those that were put aside, when it was last seen. */
  readonly pending: number
  readonly pendingSeconds: number
  readonly finalThrough: string
  /** What to do, a sentence; null: nothing. */
  readonly advice: string | null
}
