import { Readable } from 'node:stream'
import Boom from '@hapi/boom'
import type { Request, ResponseToolkit, ServerRoute } from '@hapi/hapi'
import type pg from 'pg'
import { type Digits, readStats, type StatsPart } from '../../../db/read-stats.ts'
import { parseBannerId, wrongBannerId } from '../banner-id.ts'
import { readBody, unreadJson } from '../body.ts'
import { formatTime, type TimeRange, timeRangeSchema } from '../time-range.ts'
import { unavailable } from '../unavailable.ts'

const MAX_BODY_BYTES = 4096
const RETRY_AFTER_SECONDS = 5
/** A long recovery, or a Postgres that hangs, is not waited for any longer. */
const FLUSH_WAIT_MS = 10_000

/** POST /stats/{id}: clicks by minute, every click included that was acknowledged before the question. */
export function statsRoute(pool: pg.Pool, flushBefore: () => Promise<void>): ServerRoute {
  return {
    method: 'POST',
    path: '/stats/{id}',
    options: { payload: unreadJson },
    handler: async (request: Request, h: ResponseToolkit) => {
      const range = parseRange(await readBody(request, MAX_BODY_BYTES))
      const id = request.params.id as string
      const bannerId = parseBannerId(id)
      if (bannerId === null) throw Boom.badRequest(wrongBannerId(id))
      const chunks = statsJson(bannerId, range, readStats(pool, bannerId, range))
      try {
        await within(FLUSH_WAIT_MS, flushBefore())
        // Up to here a failure can still be told by the status.
        const head = await chunks.next()
        const body = Readable.from(chunks, { objectMode: false })
        body.unshift(head.value!)
        return h.response(body).type('application/json').header('cache-control', 'no-store')
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

/** The answer a part at a time, so that a year of minutes is never held in memory. */
async function* statsJson(bannerId: number, { from, to }: TimeRange, parts: AsyncIterable<StatsPart>) {
  let separator = ''
  for await (const part of parts) {
    if (part.kind === 'begun')
      yield `{"bannerId":${bannerId},"from":"${formatTime(from)}","to":"${formatTime(to)}","total":`
    else if (part.kind === 'total') yield `${part.total},"stats":[`
    else if (part.minutes.length > 0) {
      yield separator + entriesJson(part.minutes, part.clicks)
      separator = ','
    }
  }
  yield ']}'
}

function entriesJson(minutes: readonly Digits[], clicks: readonly Digits[]): string {
  let text = ''
  for (let row = 0; row < minutes.length; row++)
    text += `${row === 0 ? '' : ','}{"ts":"${formatMinute(Number(minutes[row]))}","v":${clicks[row]}}`
  return text
}

/** As formatTime; without a Date each, since there may be half a million of them in one answer. */
function formatMinute(minute: number): string {
  const day = Math.floor(minute / 1440)
  if (day !== formattedDay.day)
    formattedDay = { day, text: new Date(day * 86_400_000).toISOString().slice(0, 11) }
  return formattedDay.text + TIMES_OF_DAY[minute - day * 1440]
}

let formattedDay = { day: Number.NaN, text: '' }
const TIMES_OF_DAY = Array.from({ length: 1440 }, (_, minute) =>
  new Date(minute * 60_000).toISOString().slice(11, 19).concat('Z'),
)

/** Rejects when `promise` has not settled within the time. */
async function within(timeMs: number, promise: Promise<void>): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not flushed within ${timeMs} ms`)), timeMs)
  await Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

function parseRange(body: Buffer): TimeRange {
  const { value, error } = timeRangeSchema.validate(parseJson(body.toString()))
  if (error !== undefined) throw Boom.badRequest(error.message)
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refusePrototype)
  } catch {
    throw Boom.badRequest(
      'the body must be JSON, such as {"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}',
    )
  }
}

/** Such a key would become the prototype of whatever the object is copied to. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('__proto__ cannot be a key')
  return value
}
