import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { WatchConnection } from '../../lib/watch/watch-connection.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('the connection that the watches of main share', () => {
  let database: TestDatabase
  let connection: WatchConnection
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())
  beforeEach(() => {
    connection = new WatchConnection(database.server)
  })
  afterEach(() => connection.close())

  const pid = () =>
    connection.use(
      async client => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number,
    )

  it('has one user at a time, in the order in which they came', async () => {
    const order: string[] = []
    const held = Promise.withResolvers<void>()
    const use = (name: string, until?: Promise<void>) =>
      connection.use(async () => {
        order.push(`${name} begins`)
        await until
        order.push(`${name} ends`)
      })
    const uses = [use('a', held.promise), use('b'), use('c')]
    // Longer than a connection takes.
    await delay(200)
    expect(order).to.deep.equal(['a begins'])
    held.resolve()
    await Promise.all(uses)
    expect(order).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('is kept, and made anew for the next one after a failure of one', async () => {
    const first = await pid()
    expect(await pid()).to.equal(first)
    const failing = connection.use(() => Promise.reject(new Error('no such table')))
    const next = pid()
    expect(await failing.catch((error: Error) => error.message)).to.equal('no such table')
    expect(await next).not.to.equal(first)
  })

  it('gives all who wait an error when it is closed', async () => {
    await pid()
    const asked: Promise<unknown>[] = [
      connection.use(client => client.query('SELECT pg_sleep(60)')),
      pid(),
      pid(),
    ]
    const answers = Promise.allSettled(asked)
    await delay(50)
    connection.close()
    expect((await answers).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected'])
  })
})
