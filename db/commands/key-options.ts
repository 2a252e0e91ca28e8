import { quote } from '../../lib/config/wording.ts'
import { parseTime } from '../../lib/questions/time.ts'
import { UsageError } from './command.ts'

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const
const DURATION = /^(\d{1,6})([dhms])$/

/** Milliseconds of a text such as 90d, 24h, 30m or 10s, for --overlap. */
export function durationOf(text: string): number {
  const found = DURATION.exec(text)
  if (found === null)
    throw new UsageError(`--overlap takes a number with d, h, m or s, such as 24h, and not ${quote(text)}`)
  return Number(found[1]) * UNIT_MS[found[2] as keyof typeof UNIT_MS]
}

/** Milliseconds since the epoch; null: never. */
export function endOf(text: string, nowMs: number): number | null {
  if (text === 'never') return null
  if (DURATION.test(text)) return nowMs + durationOf(text)
  const time = parseTime(text)
  if (time !== null) return time.getTime()
  throw new UsageError(
    `--expires takes a time from now (90d, 12h), a date (2030-01-31, in UTC) or "never", and not ${quote(text)}`,
  )
}
