/** @import { Zone } from './types.d.ts' */

const DAY_MS = 86_400_000
/** The device's own zone. */
export const localZoneName = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC'

/** Reads and writes times in the chosen zone: the device's own, UTC, or any other one. */
export class Clock {
  /** @type {Zone} */
  zone = 'local'
  /** Making one takes longer than writing a hundred times with it. @type {Map<string, Intl.DateTimeFormat>} */
  #formats = new Map()

  /** As IANA names it, such as Europe/Berlin. */
  get timeZone() {
    if (this.zone === 'local') return localZoneName
    return this.zone === 'utc' ? 'UTC' : this.zone
  }

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
    return `${this.date(atMs)}, ${this.minuteOfDay(atMs)}`
  }

  /** @param {number} atMs such as 12 Dec 2024 */
  date(atMs) {
    return this.#write(atMs, { day: 'numeric', month: 'short', year: 'numeric' })
  }

  /** The value of an input of type datetime-local. @param {number} atMs */
  toInput(atMs) {
    return new Date(this.wallMs(atMs)).toISOString().slice(0, 16)
  }

  /**
   * Milliseconds since the epoch, or NaN. Of a time that the clocks show twice it is the first one, and of one that they
   * leave out the one as long after the change.
   * @param {string} value of an input of type datetime-local
   */
  fromInput(value) {
    const wallMs = Date.parse(`${value}Z`)
    if (Number.isNaN(wallMs)) return wallMs
    const moments = [-DAY_MS, DAY_MS].map(awayMs => wallMs - this.#offsetMs(wallMs + awayMs))
    return moments.find(atMs => this.wallMs(atMs) === wallMs) ?? moments[0] ?? Number.NaN
  }

  /** The start of the day that the moment is in, or of one so many days later. @param {number} atMs */
  startOfDay(atMs, { days = 0 } = {}) {
    const wallMs = this.wallMs(atMs) + days * DAY_MS
    return this.fromInput(`${new Date(wallMs).toISOString().slice(0, 10)}T00:00`)
  }

  /** The start of the month that the moment is in, or of one so many months later. @param {number} atMs */
  startOfMonth(atMs, { months = 0 } = {}) {
    const wall = new Date(this.wallMs(atMs))
    const first = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months)
    return this.fromInput(new Date(first).toISOString().slice(0, 16))
  }

  /** For uPlot: a Date whose local hour, minute and so on are those of the zone. @param {number} atMs */
  toParts(atMs) {
    if (this.zone === 'local') return new Date(atMs)
    const wall = new Date(this.wallMs(atMs))
    // Without a Z, a text is read as local time.
    return new Date(wall.toISOString().slice(0, -1))
  }

  /** What the clocks of the zone show, as if they stood in UTC. @param {number} atMs */
  wallMs(atMs) {
    return atMs + this.#offsetMs(atMs)
  }

  /** @param {number} atMs */
  #offsetMs(atMs) {
    if (this.timeZone === 'UTC') return 0
    const format = this.#format({
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
    const { year = '', month, day, hour, minute, second } = parts
    const wallMs = Date.parse(`${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}Z`)
    return wallMs - Math.floor(atMs / 1000) * 1000
  }

  /** @param {number} atMs @param {Intl.DateTimeFormatOptions} parts */
  #write(atMs, parts) {
    return this.#format(parts).format(atMs)
  }

  /** @param {Intl.DateTimeFormatOptions} parts */
  #format(parts) {
    const key = [this.timeZone, ...Object.entries(parts)].join()
    const known = this.#formats.get(key)
    if (known !== undefined) return known
    const made = new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: this.timeZone, hourCycle: 'h23' })
    this.#formats.set(key, made)
    return made
  }
}

/** In UTC. Of what wallMs() gives, it writes what the clocks of the zone show. */
export const utcClock = Object.assign(new Clock(), { zone: /** @type {const} */ ('utc') })

/** Whether the browser knows a zone of this name. @param {string} name */
export function isZone(name) {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}
