import type { Entries } from '../../../../db/stats/entries.ts'
import { formatTime } from '../../../questions/time.ts'
import type { StatsFormat } from './format.ts'
import { formatMinute } from './minute.ts'

/**
 * CSV of RFC 4180: a header line, then a line for each minute. CRLF ends every line, the last one too. No
 * field needs quotes. An answer that broke off lacks HTTP's end of a body, so a client can tell it from a
 * shorter table.
 */
export const statsCsv: StatsFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  // The basic format of ISO 8601 has no colons, so any file system takes it as a name.
  fileName: (bannerId, { from, to }) => `clicks-${bannerId}-${basicTime(from)}-${basicTime(to)}.csv`,
  async *write(parts) {
    for await (const part of parts) {
      if (part.kind === 'begun') yield 'ts,clicks\r\n'
      else if (part.kind === 'page' && part.starts.length > 0) yield lines(part)
    }
  },
}

function lines({ starts, totals }: Entries): string {
  let text = ''
  for (let row = 0; row < starts.length; row++) text += `${formatMinute(starts[row]!)},${totals[row]}\r\n`
  return text
}

function basicTime(time: Date): string {
  return formatTime(time).replaceAll(/[-:]/g, '')
}
