import type { StatsReader } from '../../../../db/stats/read-stats.ts'
import type { BannerSums, Sums } from '../../../../db/stats/read-sums.ts'
import { formatTime } from '../../../questions/time.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import { chooseType } from '../accept.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { afterFlush, type FlushBefore } from '../stats/after-flush.ts'
import { readValid } from '../valid-body.ts'
import { MANY_STATS_BODY, manyStatsSchema, readManyClicks } from './many-stats-operations.ts'

/** POST /stats: the clicks of many banners, with every click that was acknowledged before the question. */
export function manyStatsRoute(reader: Pick<StatsReader, 'readSums'>, flushBefore: FlushBefore): Route {
  return {
    method: 'POST',
    path: '/stats',
    options: { payload: unreadJson('application/json'), plugins: { operation: readManyClicks } },
    handler: async (request, h) => {
      const { ids, ...range } = await readValid(request, manyStatsSchema, MANY_STATS_BODY)
      const type = chooseType(request.raw.req.headers.accept, ['application/json'])
      const banners = await afterFlush(request, flushBefore, signal => reader.readSums(ids, range, signal))
      return h.response(jsonOf(banners, range)).type(type).vary('accept').header('cache-control', 'no-store')
    },
  }
}

/** Written by hand: JSON.stringify knows no number above 2^53 exactly. */
function jsonOf(banners: readonly BannerSums[], { from, to }: TimeRange): string {
  const range = `"from":"${formatTime(from)}","to":"${formatTime(to)}","step":"all","timeZone":"UTC"`
  const entries = banners.map(
    banner => `{"bannerId":${banner.bannerId},"name":${JSON.stringify(banner.name)},${digitsOf(banner)}}`,
  )
  return `{${range},${digitsOf(sumOf(banners))},"banners":[${entries.join()}]}`
}

function digitsOf({ total, bots, duplicates }: Sums): string {
  return `"total":${total},"bots":${bots},"duplicates":${duplicates}`
}

function sumOf(banners: readonly BannerSums[]): Sums {
  const sum = (name: keyof Sums) =>
    banners.reduce((clicks, banner) => clicks + BigInt(banner[name]), 0n).toString()
  return { total: sum('total'), bots: sum('bots'), duplicates: sum('duplicates') }
}
