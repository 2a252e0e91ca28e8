import type { Entries } from '../../../../db/stats/entries.ts'
import { formatTime } from '../../../questions/time.ts'
import type { StatsFormat } from './format.ts'
import { formatMinute } from './minute.ts'

export const statsJson: StatsFormat = {
  contentType: 'application/json',
  fileName: null,
  async *write(parts, bannerId, { from, to }) {
    let separator = ''
    for await (const part of parts) {
      if (part.kind === 'begun')
        yield `{"bannerId":${bannerId},"from":"${formatTime(from)}","to":"${formatTime(to)}","total":`
      else if (part.kind === 'sums') yield `${part.sums.total},"stats":[`
      else if (part.starts.length > 0) {
        yield separator + entries(part)
        separator = ','
      }
    }
    yield ']}'
  },
}

function entries({ starts, totals }: Entries): string {
  let text = ''
  for (let row = 0; row < starts.length; row++)
    text += `${row === 0 ? '' : ','}{"ts":"${formatMinute(starts[row]!)}","v":${totals[row]}}`
  return text
}
