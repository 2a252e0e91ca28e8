import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import type pg from 'pg'
import { readStats } from '../../../db/read-stats.ts'
import { parseBannerId, wrongBannerId } from '../banner-id.ts'
import { readJson, unreadJson } from '../json-body.ts'
import { chooseFormat } from '../stats/negotiation.ts'
import { type TimeRange, timeRangeSchema } from '../time-range.ts'
import { unavailable } from '../unavailable.ts'
import { readClicks } from './stats-operations.ts'

const BODY = {
  maxBytes: 4096,
  example: '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}',
  reviver: refusePrototype,
}
const RETRY_AFTER_SECONDS = 5
/** A long recovery, or a Postgres that hangs, is not waited for any longer. */
const FLUSH_WAIT_MS = 10_000

/** POST /stats/{id}: clicks by minute, every click included that was acknowledged before the question. */
export function statsRoute(pool: pg.Pool, flushBefore: () => Promise<void>): ServerRoute {
  return {
    method: 'POST',
    path: '/stats/{id}',
    options: { payload: unreadJson('application/json'), plugins: { openapi: readClicks } },
    handler: async (request: Request, h: ResponseToolkit) => {
      const range = parseRange(await readJson(request, BODY))
      const id = request.params.id as string
      const bannerId = parseBannerId(id)
      if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
      const format = chooseFormat(request.raw.req.headers.accept)
      const chunks = format.write(readStats(pool, bannerId, range), bannerId, range)
      try {
        await within(FLUSH_WAIT_MS, flushBefore())
        // Up to here a failure can still be told by the status.
        const head = await chunks.next()
        const body = Readable.from(chunks, { objectMode: false })
        body.unshift(head.value!)
        const answer = h
          .response(body)
          .type(format.contentType)
          .vary('accept')
          .header('cache-control', 'no-store')
        return nameFile(answer, format.fileName?.(bannerId, range))
      } catch (error) {
        request.log('stats', error as Error)
        throw unavailable(
          'The database cannot be reached; clicks are still counted. Ask again later.',
          RETRY_AFTER_SECONDS,
        )
      }
    },
  }
}

function nameFile(answer: ResponseObject, fileName: string | undefined) {
  if (fileName === undefined) return answer
  return answer.header('content-disposition', `attachment; filename="${fileName}"`)
}

/** Rejects when `promise` has not settled within the time. */
async function within(timeMs: number, promise: Promise<void>): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not flushed within ${timeMs} ms`)), timeMs)
  await Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

function parseRange(body: unknown): TimeRange {
  const { value, error } = timeRangeSchema.validate(body)
  if (error !== undefined) throw Boom.badRequest(error.message)
  return value
}

/** Such a key would become the prototype of whatever the object is copied to. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__ cannot be a key')
  return value
}
