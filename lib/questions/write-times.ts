import { type OffsetSpan, offsetSpans } from './offsets.ts'
import type { MinuteRange } from './time-range.ts'

const DAY_MINUTES = 1440
const TIMES_OF_DAY = Array.from({ length: DAY_MINUTES }, (_, minute) =>
  new Date(minute * 60_000).toISOString().slice(11, 19),
)

/** Where a time is written: its texts follow each other. */
export interface TextSink {
  text(text: string): void
}

/** Writes a time that is given in minutes since the epoch. */
export type WriteMinute = (minute: number, sink: TextSink) => void

/**
 * Makes a function that writes minutes since the epoch as formatTime does. The minutes are of the range, and written
 * fastest in ascending order: an answer may have half a million of them, so the texts of days and offsets are made once,
 * and none is joined.
 */
export function timeWriter(timeZone: string, range: MinuteRange): WriteMinute {
  const spans = timeZone === 'UTC' ? [] : offsetSpans(timeZone, range.from * 60, range.to * 60)
  const writer = new TimeWriter(spans, range)
  return (minute, sink) => writer.write(minute, sink)
}

/**
 * What it compares a minute with are small whole numbers, and fields. With seconds in captured variables, V8 made two
 * numbers on the heap for each minute: half of an answer's garbage.
 */
class TimeWriter {
  readonly #spans: readonly OffsetSpan[]
  /** The minutes of the present span: without spans, of the whole range in UTC. */
  #from = 0
  #to = 0
  #shift = 0
  #offset = 'Z'
  /** The first minute of the present day, by the clocks of the zone. */
  #dayFrom = 0
  #date = ''

  constructor(spans: readonly OffsetSpan[], { from, to }: MinuteRange) {
    this.#spans = spans
    if (spans.length === 0) [this.#from, this.#to] = [from, to]
  }

  write(minute: number, sink: TextSink): void {
    if (minute < this.#from || minute >= this.#to) this.#enterSpan(minute)
    const local = minute + this.#shift
    if (local < this.#dayFrom || local >= this.#dayFrom + DAY_MINUTES) this.#enterDay(local)
    sink.text(this.#date)
    sink.text(TIMES_OF_DAY[local - this.#dayFrom]!)
    sink.text(this.#offset)
  }

  #enterSpan(minute: number): void {
    const span = this.#spans.find(({ to }) => minute * 60 < to)!
    this.#from = Math.ceil(span.from / 60)
    this.#to = Math.ceil(span.to / 60)
    ;[this.#shift, this.#offset] = written(span)
    this.#enterDay(minute + this.#shift)
  }

  #enterDay(local: number): void {
    const day = Math.floor(local / DAY_MINUTES)
    this.#dayFrom = day * DAY_MINUTES
    this.#date = new Date(day * 86_400_000).toISOString().slice(0, -13)
  }
}

/** The minutes to add to UTC, and the text of the offset. UTC where seconds would be left over. */
function written({ offset }: OffsetSpan): [number, string] {
  if (offset % 60 !== 0) return [0, 'Z']
  const minutes = Math.abs(offset) / 60
  const digits = [Math.floor(minutes / 60), minutes % 60].map(part => String(part).padStart(2, '0'))
  return [offset / 60, `${offset < 0 ? '-' : '+'}${digits.join(':')}`]
}
