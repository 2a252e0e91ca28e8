import Boom from '@hapi/boom'
import type { StatsReader } from '../../../../db/stats/read-stats.ts'
import { formatTime } from '../../../questions/time.ts'
import { minutesOf } from '../../../questions/time-range.ts'
import { chooseType } from '../accept.ts'
import type { Route } from '../operations/operation.ts'
import { readQuery } from '../query.ts'
import { type Asking, afterFlush } from '../stats/after-flush.ts'
import { addFinalHeaders, begin } from '../stats/answer.ts'
import { EXPORT_NAMES, exportQuestionOf, exportSchema } from '../stats/export-question.ts'
import { EXPORT_TYPES, exportText } from '../stats/export-text.ts'
import { bodyOf } from '../stats/pieces.ts'
import { exportClicks } from './export-operations.ts'

/** An export that is not read to its end this long after its beginning is broken off. It can go on where it ended. */
export const MAX_EXPORT_MS = 600_000

/** GET /export: all that is final of a range, of all banners. */
export function exportRoute(reader: Pick<StatsReader, 'export'>, asking: Asking): Route {
  return {
    method: 'GET',
    path: '/export',
    options: { plugins: { operation: exportClicks } },
    handler: async (request, h) => {
      const { value, error } = exportSchema.validate(readQuery(request, EXPORT_NAMES))
      if (error !== undefined) throw Boom.badRequest(error.message)
      const question = exportQuestionOf(value)
      const type = chooseType(request.raw.req.headers.accept, EXPORT_TYPES)
      const { begun, body } = await afterFlush(request, asking, undefined, async asker => {
        const { begun, parts } = await begin(reader.export(question, asker))
        return { begun, body: await bodyOf(exportText(parts, minutesOf(question), type), MAX_EXPORT_MS) }
      })
      const answer = h
        .response(body)
        .type(`${type}; charset=utf-8`)
        .vary('accept')
        .header('cache-control', 'no-store')
        .header('x-export-to', formatTime(begun.to))
      addFinalHeaders(answer, begun.final)
      return answer
    },
  }
}
