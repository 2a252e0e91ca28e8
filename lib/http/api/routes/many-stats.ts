import type { Sums } from '../../../../db/stats/digits.ts'
import type { ManyStats } from '../../../../db/stats/read-many.ts'
import type { StatsReader } from '../../../../db/stats/read-stats.ts'
import type { ManyQuestion } from '../../../questions/question.ts'
import { formatTime } from '../../../questions/time.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import { chooseType } from '../accept.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { afterFlush, type FlushBefore } from '../stats/after-flush.ts'
import { readValid } from '../valid-body.ts'
import { MANY_STATS_BODY, manyStatsSchema, readManyClicks } from './many-stats-operations.ts'

/** POST /stats: the clicks of many banners, with every click that was acknowledged before the question. */
export function manyStatsRoute(reader: Pick<StatsReader, 'readMany'>, flushBefore: FlushBefore): Route {
  return {
    method: 'POST',
    path: '/stats',
    options: { payload: unreadJson('application/json'), plugins: { operation: readManyClicks } },
    handler: async (request, h) => {
      const { ids, ...range } = await readValid(request, manyStatsSchema, MANY_STATS_BODY)
      const type = chooseType(request.raw.req.headers.accept, ['application/json'])
      const stats = await afterFlush(request, flushBefore, signal =>
        reader.readMany(questionOf(ids, range), signal),
      )
      return h.response(jsonOf(stats)).type(type).vary('accept').header('cache-control', 'no-store')
    },
  }
}

function questionOf(ids: readonly number[], range: TimeRange): ManyQuestion {
  return {
    ...range,
    ...{ step: 'all', timeZone: 'UTC', fill: false, compare: null },
    ...{ choice: { kind: 'ids', ids }, group: 'banner', top: null },
  }
}

/** Written by hand: JSON.stringify knows no number above 2^53 exactly. */
function jsonOf({ range: { from, to }, sums, groups }: ManyStats): string {
  const range = `"from":"${formatTime(from)}","to":"${formatTime(to)}","step":"all","timeZone":"UTC"`
  const entries = groups.map(group => `{${nameOf(group.of)},${digitsOf(group)}}`)
  return `{${range},${digitsOf(sums)},"banners":[${entries.join()}]}`
}

function nameOf(of: ManyStats['groups'][number]['of']): string {
  return JSON.stringify(of).slice(1, -1)
}

function digitsOf({ total, bots, duplicates }: Sums): string {
  return `"total":${total},"bots":${bots},"duplicates":${duplicates}`
}
