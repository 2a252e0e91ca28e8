import type { Digits } from '../../../../db/stats/digits.ts'
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
      else if (part.kind === 'total') yield `${part.total},"stats":[`
      else if (part.minutes.length > 0) {
        yield separator + entries(part.minutes, part.clicks)
        separator = ','
      }
    }
    yield ']}'
  },
}

function entries(minutes: readonly Digits[], clicks: readonly Digits[]): string {
  let text = ''
  for (let row = 0; row < minutes.length; row++)
    text += `${row === 0 ? '' : ','}{"ts":"${formatMinute(Number(minutes[row]))}","v":${clicks[row]}}`
  return text
}
