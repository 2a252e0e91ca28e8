/** What GET /fleet answers. */
export type { Fleet, FleetInstance as Instance } from '../../../../db/fleet/fleet.ts'

/** How an instance is, in a word. */
export interface StateWords {
  readonly tone: 'good' | 'warn' | 'bad' | 'idle'
  readonly word: string
}
