import { expect } from 'chai'
import { connect } from '../../db/connection/connect.ts'
import type { ThreadBanners } from '../../lib/banners/thread-banners.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { createTestDatabase, type TestDatabase, totalClicksIn } from './database.ts'
import type { Health } from './health.ts'
import type { RawAnswer } from './raw-http.ts'
import type { Settings } from './settings.ts'
import { startTestThread, type TestThread } from './thread.ts'

export interface HttpTest {
  readonly database: TestDatabase
  readonly thread: TestThread
  /**
   * How many clicks were counted while `act` ran. The books and, after a flush, the database must agree. Ignored
   * prefetches do not count.
   */
  clicksCounted(act: () => Promise<unknown>): Promise<number>
  health(): Promise<Health>
  /** Asks for a banner's clicks. A `body` that is no text is sent as JSON. */
  stats(bannerId: number, body: unknown): Promise<Response>
  /** Rejects when a promise was rejected meanwhile and nobody handled it. */
  stop(): Promise<void>
}

interface HttpTestOptions {
  /** The way to the database. */
  readonly through?: (server: DatabaseServer) => Promise<DatabaseServer>
  readonly settings?: Settings
  readonly banners?: ThreadBanners
}

/** A request thread with its own database. */
export async function startHttpTest({ through, ...options }: HttpTestOptions = {}): Promise<HttpTest> {
  const database = await createTestDatabase()
  const server = (await through?.(database.server)) ?? database.server
  const thread = await startTestThread({ ...database, server }, options)
  // Mocha ignores what would end the real process.
  const unhandled: unknown[] = []
  const noteUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', noteUnhandled)
  // A connection of its own, because hundreds of tests look.
  const client = await connect(database.server, 'clickcounter test')
  const storedClicks = () => totalClicksIn(client)
  return {
    database,
    thread,
    async clicksCounted(act) {
      const before = { accepted: thread.balance().accepted, stored: await storedClicks() }
      await act()
      const accepted = thread.balance().accepted - before.accepted
      await thread.flush()
      expect((await storedClicks()) - before.stored, 'stored').to.equal(accepted)
      return accepted
    },
    health: async () => (await (await fetch(`${thread.url}/health`)).json()) as Health,
    stats: (bannerId, body) =>
      fetch(`${thread.url}/stats/${bannerId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async stop() {
      await client.end()
      await thread.stop()
      await database.drop()
      process.off('unhandledRejection', noteUnhandled)
      expect(unhandled, 'unhandled rejections').to.deep.equal([])
    },
  }
}

/** Asserts the form that every error has, and returns its message. */
export function expectError(status: number, body: string, expectedStatus: number): string {
  expect(status).to.equal(expectedStatus)
  const error = JSON.parse(body)
  expect(error).to.have.all.keys('statusCode', 'error', 'message')
  expect(error.statusCode).to.equal(expectedStatus)
  expect(error.error).to.match(/^[A-Z]/)
  expect(error.message).to.be.a('string').and.not.equal('')
  expect(body, 'internals').not.to.match(/node_modules|\.ts\b|\.js\b|stack|SELECT|ECONN|127\.0\.0\.1/)
  return error.message
}

export function expectRawError(answer: RawAnswer, expectedStatus: number): string {
  expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8')
  return expectError(answer.status, answer.body, expectedStatus)
}
