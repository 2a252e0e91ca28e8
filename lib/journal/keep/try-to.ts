import type { Logger } from 'pino'
import { throttled } from '../../base/throttled.ts'

/** Does something to the journal's directory. When that fails, it is logged, and null is returned. */
export type TryTo = <T>(what: string, action: () => T) => T | null

/** A directory that has gone is looked for every second, and logged once in a while. */
export function tryToAndLog(log: Logger): TryTo {
  const logFailure = throttled((what, error) => log.error({ err: error }, what))
  return (what, action) => {
    try {
      return action()
    } catch (error) {
      logFailure(`the journal's directory: cannot ${what}`, error as Error)
      return null
    }
  }
}
