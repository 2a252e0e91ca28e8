import { quote } from '../../lib/config/wording.ts'
import { parseTime } from '../../lib/questions/time.ts'
import { UsageError } from './command.ts'

const DAY_MINUTES = 1440
const DAY_MS = 86_400_000

/**
 * The whole UTC days that --from and --to touch, in minutes since the epoch. Throws a UsageError.
 */
export function daysOf(texts: { get(option: 'from' | 'to'): string | undefined }): {
  readonly from?: number
  /** Not included. */
  readonly until?: number
} {
  const from = dayOf('from', texts.get('from'), Math.floor)
  const until = dayOf('to', texts.get('to'), Math.ceil)
  if (from !== null && until !== null && from >= until) throw new UsageError('--from must be before --to')
  return { ...(from !== null && { from }), ...(until !== null && { until }) }
}

function dayOf(
  option: 'from' | 'to',
  text: string | undefined,
  round: (days: number) => number,
): number | null {
  if (text === undefined) return null
  const time = parseTime(text)
  if (time !== null) return round(time.getTime() / DAY_MS) * DAY_MINUTES
  throw new UsageError(`--${option} takes a day such as 2026-11-01, in UTC, and not ${quote(text)}`)
}
