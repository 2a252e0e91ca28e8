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
export function timeWriter(timeZone: string, { from, to }: MinuteRange): WriteMinute {
  const spans = timeZone === 'UTC' ? [] : offsetSpans(timeZone, from * 60, to * 60)
  let span: OffsetSpan = { from: 0, to: 0, offset: 0 }
  let [shift, offset] = [0, 'Z']
  let [writtenDay, date] = [Number.NaN, '']
  return (minute, sink) => {
    const second = minute * 60
    if (spans.length > 0 && !(second >= span.from && second < span.to)) {
      span = spans.find(({ to }) => second < to)!
      ;[shift, offset] = written(span)
    }
    const local = minute + shift
    const day = Math.floor(local / DAY_MINUTES)
    if (day !== writtenDay) {
      writtenDay = day
      date = new Date(day * 86_400_000).toISOString().slice(0, -13)
    }
    sink.text(date)
    sink.text(TIMES_OF_DAY[local - day * DAY_MINUTES]!)
    sink.text(offset)
  }
}

/** The minutes to add to UTC, and the text of the offset. UTC where seconds would be left over. */
function written({ offset }: OffsetSpan): [number, string] {
  if (offset % 60 !== 0) return [0, 'Z']
  const minutes = Math.abs(offset) / 60
  const digits = [Math.floor(minutes / 60), minutes % 60].map(part => String(part).padStart(2, '0'))
  return [offset / 60, `${offset < 0 ? '-' : '+'}${digits.join(':')}`]
}
