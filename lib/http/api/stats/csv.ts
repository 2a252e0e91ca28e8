import type { Digits } from '../../../../db/stats/read-stats.ts'
import { formatTime } from '../../../questions/time.ts'
import type { StatsFormat } from './format.ts'
import { formatMinute } from './minute.ts'

/**
 * The minutes as RFC 4180 wants them: a header line, and CRLF after every line, the last one too. Nothing in
 * them has to be quoted. An answer that breaks off is no shorter table: it lacks the end that HTTP demands.
 */
export const statsCsv: StatsFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  // ISO 8601's basic format, which has no colons, is a name on any file system.
  fileName: (bannerId, { from, to }) => `clicks-${bannerId}-${basicTime(from)}-${basicTime(to)}.csv`,
  async *write(parts) {
    for await (const part of parts) {
      if (part.kind === 'begun') yield 'ts,clicks\r\n'
      else if (part.kind === 'page' && part.minutes.length > 0) yield lines(part.minutes, part.clicks)
    }
  },
}

function lines(minutes: readonly Digits[], clicks: readonly Digits[]): string {
  let text = ''
  for (let row = 0; row < minutes.length; row++)
    text += `${formatMinute(Number(minutes[row]))},${clicks[row]}\r\n`
  return text
}

function basicTime(time: Date): string {
  return formatTime(time).replaceAll(/[-:]/g, '')
}
