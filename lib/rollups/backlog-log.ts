import type { Logger } from 'pino'

const HOUR_MINUTES = 60
const DAY_MINUTES = 1440
const INTERVAL_MS = 30_000

interface Backlog {
  readonly fromMinute: number
  readonly beganAtMs: number
  toldAtMs: number
}

/** Tells in the log how a backlog is summed up, when it is more than an hour of clicks. */
export class BacklogLog {
  readonly #log: Logger
  readonly #now: () => number
  #backlog: Backlog | null = null

  /** `now`: in milliseconds, of a clock that goes on evenly. */
  constructor(log: Logger, now = () => performance.now()) {
    this.#log = log
    this.#now = now
  }

  /** It is summed up until `untilMinute`, and should be until `dueMinute`. Minutes are since the epoch. */
  summedUp(untilMinute: number, dueMinute: number): void {
    const nowMs = this.#now()
    if (this.#backlog === null) {
      if (dueMinute - untilMinute <= HOUR_MINUTES) return
      this.#backlog = { fromMinute: untilMinute, beganAtMs: nowMs, toldAtMs: nowMs }
      this.#log.info(
        `summing up the clicks of ${inWords(dueMinute - untilMinute)}, from ${timeOf(untilMinute)} on`,
      )
      return
    }
    const { fromMinute, beganAtMs, toldAtMs } = this.#backlog
    if (untilMinute >= dueMinute) {
      this.#log.info(`all clicks are summed up, after ${Math.round((nowMs - beganAtMs) / 1000)} s`)
      this.#backlog = null
    } else if (nowMs - toldAtMs >= INTERVAL_MS) {
      const part = (untilMinute - fromMinute) / (dueMinute - fromMinute)
      this.#log.info(`summed up until ${timeOf(untilMinute)}, ${Math.floor(part * 100)} %`)
      this.#backlog.toldAtMs = nowMs
    }
  }
}

function inWords(minutes: number): string {
  if (minutes < 2 * DAY_MINUTES) return `${Math.floor(minutes / HOUR_MINUTES)} hours`
  return `${Math.floor(minutes / DAY_MINUTES)} days`
}

function timeOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().replace(':00.000Z', 'Z')
}
