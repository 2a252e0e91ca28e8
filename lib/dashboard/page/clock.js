/** @import { Zone } from './types.d.ts' */

const MINUTE_MS = 60_000

/** Reads and writes times in the chosen zone: the device's own, or UTC. */
export class Clock {
  /** @type {Zone} */
  zone = 'local'

  /** @param {number} atMs such as 14:03:07 */
  timeOfDay(atMs) {
    return this.#write(atMs, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  }

  /** @param {number} atMs such as 14:03 */
  minuteOfDay(atMs) {
    return this.#write(atMs, { hour: '2-digit', minute: '2-digit' })
  }

  /** @param {number} atMs such as 12 Dec */
  day(atMs) {
    return this.#write(atMs, { day: 'numeric', month: 'short' })
  }

  /** @param {number} atMs such as 12 Dec 2024, 14:03 */
  minute(atMs) {
    return `${this.#write(atMs, { day: 'numeric', month: 'short', year: 'numeric' })}, ${this.minuteOfDay(atMs)}`
  }

  /** The value of an input of type datetime-local. @param {number} atMs */
  toInput(atMs) {
    return new Date(atMs - this.#offsetMs(atMs)).toISOString().slice(0, 16)
  }

  /** Milliseconds since the epoch, or NaN. @param {string} value of an input of type datetime-local */
  fromInput(value) {
    return Date.parse(this.zone === 'utc' ? `${value}Z` : value)
  }

  /** The start of the day that the moment is in. @param {number} atMs */
  startOfDay(atMs) {
    return this.fromInput(`${this.toInput(atMs).slice(0, 10)}T00:00`)
  }

  /** For uPlot: a Date whose local hour, minute and so on are those of the zone. @param {number} atMs */
  toParts(atMs) {
    return new Date(this.zone === 'utc' ? atMs + new Date(atMs).getTimezoneOffset() * MINUTE_MS : atMs)
  }

  /** @param {number} atMs */
  #offsetMs(atMs) {
    return this.zone === 'utc' ? 0 : new Date(atMs).getTimezoneOffset() * MINUTE_MS
  }

  /** @param {number} atMs @param {Intl.DateTimeFormatOptions} parts */
  #write(atMs, parts) {
    const zone = this.zone === 'utc' ? { timeZone: 'UTC' } : {}
    return new Intl.DateTimeFormat('en-GB', { ...parts, ...zone, hourCycle: 'h23' }).format(atMs)
  }
}

export const localZoneName = Intl.DateTimeFormat().resolvedOptions().timeZone
