import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import { MAX_ANSWER_MS, type StatsReader } from '../../../../db/stats/read-stats.ts'
import { parseBannerId, wrongBannerId } from '../../../banners/banner-id.ts'
import type { Question } from '../../../questions/question.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import { readJson, refusePrototype, unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { afterFlush, type FlushBefore } from '../stats/after-flush.ts'
import { chooseFormat } from '../stats/negotiation.ts'
import { timeRangeSchema } from '../stats/time-range-schema.ts'
import { readClicks } from './stats-operations.ts'

const BODY = {
  maxBytes: 4096,
  example: '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}',
  reviver: refusePrototype,
}

/** POST /stats/{id}: clicks by minute, with every click that was acknowledged before the question. */
export function statsRoute(reader: StatsReader, flushBefore: FlushBefore): Route {
  return {
    method: 'POST',
    path: '/stats/{id}',
    options: { payload: unreadJson('application/json'), plugins: { operation: readClicks } },
    handler: async (request: Request, h: ResponseToolkit) => {
      const range = parseRange(await readJson(request, BODY))
      const id = request.params.id as string
      const bannerId = parseBannerId(id)
      if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
      const format = chooseFormat(request.raw.req.headers.accept)
      const { chunks, head } = await afterFlush(request, flushBefore, async signal => {
        const chunks = format.write(reader.read(bannerId, questionOf(range), signal), bannerId, range)
        // The answer's status is sent with its first piece. Until then a failure can still be a 503.
        return { chunks, head: (await chunks.next()).value! }
      })
      const answer = h
        .response(inTime(chunks, head))
        .type(format.contentType)
        .vary('accept')
        .header('cache-control', 'no-store')
      return nameFile(answer, format.fileName?.(bannerId, range))
    },
  }
}

function questionOf(range: TimeRange): Question {
  return { ...range, step: 'minute', timeZone: 'UTC', fill: false, compare: null }
}

function nameFile(answer: ResponseObject, fileName: string | undefined) {
  if (fileName === undefined) return answer
  return answer.header('content-disposition', `attachment; filename="${fileName}"`)
}

/** The answer's body. It breaks off when it is not read in time: it holds a connection and a snapshot. */
function inTime(chunks: AsyncGenerator<string, void>, head: string): Readable {
  const body = Readable.from(chunks, { objectMode: false })
  body.unshift(head)
  const timer = setTimeout(() => body.destroy(new Error(`not read in ${MAX_ANSWER_MS} ms`)), MAX_ANSWER_MS)
  body.once('close', () => clearTimeout(timer))
  return body
}

function parseRange(body: unknown): TimeRange {
  const { value, error } = timeRangeSchema.validate(body)
  if (error !== undefined) throw Boom.badRequest(error.message)
  return value
}
