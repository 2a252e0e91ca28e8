import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { urlOf } from '../../db/embedded/url-file.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Health } from '../support/health.ts'
import { endService, killLeftServices, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { startPostgresProxy } from '../support/proxy.ts'
import { newSeed, seededRandom } from '../support/random.ts'

const KILLS = 3
const SENDERS = 8
const SECOND_BANNER = 1_000_000
/** A line for each bulk: its banners with their valid clicks and duplicates. */
const SUMS = `
  SELECT string_agg(banner_id || ' ' || clicks || ' ' || duplicates, ', ' ORDER BY banner_id) AS sums
  FROM (SELECT banner_id, sum(clicks) AS clicks, sum(duplicates) AS duplicates FROM click_minutes GROUP BY banner_id)
  GROUP BY banner_id % ${SECOND_BANNER} ORDER BY banner_id % ${SECOND_BANNER}`

/** Two instances with two threads each, and one database. */
describe('keyed bulks, sent to several instances,', () => {
  let database: TestDatabase
  let instances: ServiceProcess[]
  beforeEach(async () => {
    database = await createTestDatabase()
    instances = await Promise.all([start(), start()])
  })
  afterEach(async () => {
    await Promise.all(instances.map(endService)).finally(killLeftServices)
    await database.drop()
  })

  const start = (dataDir?: string) =>
    startServiceProcess({
      DATABASE_URL: database.url,
      SERVER_THREADS: '2',
      CLICK_FLUSHER_INTERVAL: '0.2',
      ...(dataDir !== undefined && { DATA_DIR: dataDir }),
    })
  const [first, second] = [() => instances[0]!, () => instances[1]!]

  it('count once, and are refused where their key has other content', async () => {
    const clicks = [{ id: 1 }, { id: 2, count: 5 }, { id: 2, class: 'bot' }]
    expect(await send(first(), 'a', clicks)).to.equal(202)
    expect(await storedClicks(first())).to.deep.equal({ 1: [1, 0], 2: [5, 1] })
    for (const instance of [first(), second(), second(), first()])
      expect(await send(instance, 'a', clicks)).to.equal(202)
    // The other one has it from Postgres, this one remembers it.
    for (const instance of instances) expect(await send(instance, 'a', [{ id: 1 }])).to.equal(422)
    for (const instance of instances)
      expect(await storedClicks(instance)).to.deep.equal({ 1: [1, 0], 2: [5, 1] })
    const books = await Promise.all(instances.map(booksOf))
    expect(books).to.deep.equal([
      { accepted: 21, stored: 7, pending: 0, repeated: 14, lost: 0 },
      { accepted: 14, stored: 0, pending: 0, repeated: 14, lost: 0 },
    ])
  })

  it('count once each while an instance is killed again and again, and whoever gets no answer sends again', async () => {
    const seed = newSeed()
    const random = seededRandom(seed)
    let kills = 0
    const killing = (async () => {
      for (; kills < KILLS; kills++) {
        await sleep(50 + random(200))
        first().signal('SIGKILL')
        await first().exited
        instances[0] = await start(first().dataDir)
      }
    })()
    let bulks = 0
    const sendWhileKilling = async () => {
      while (kills < KILLS) {
        const nth = ++bulks
        const clicks = [{ id: nth }, { id: SECOND_BANNER + nth, count: 3, class: 'duplicate' }]
        // Some are sent again although they were answered.
        for (let times = 1 + random(3); times > 0; ) {
          const status = await send(instances[random(2)]!, `bulk-${nth}`, clicks)
          if (status === 202) times--
          else expect(status, `seed ${seed}`).to.equal(null)
        }
        await sleep(5)
      }
    }
    await Promise.all([killing, ...Array.from({ length: SENDERS }, sendWhileKilling)])
    // Each stores what it has before it answers.
    for (const instance of instances) await storedClicks(instance, '1')
    const stored = await database.query<{ sums: string }>(SUMS)
    const expected = Array.from(
      { length: bulks },
      (_, nth) => `${1 + nth} 1 0, ${1 + nth + SECOND_BANNER} 0 3`,
    )
    expect(
      stored.map(({ sums }) => sums),
      `seed ${seed}`,
    ).to.deep.equal(expected)
  })
})

describe('a keyed bulk, where Postgres does not say what it knows of its key,', () => {
  it('waits for a moment, and is acknowledged; those behind it do not wait, and all count once', async () => {
    const database = await createTestDatabase()
    const proxy = await startPostgresProxy(database.server)
    const service = await startServiceProcess({ DATABASE_URL: urlOf(proxy.server), SERVER_THREADS: '1' })
    try {
      expect(await send(service, 'before', [{ id: 1 }])).to.equal(202)
      let held = 0
      proxy.judge = ({ sql, stage }) => {
        if (stage !== 'sent' || !isQuestion(sql)) return 'pass'
        held++
        return 'hold'
      }
      const times: number[] = []
      for (let nth = 0; nth < 20; nth++) {
        const startedAtMs = performance.now()
        expect(await send(service, `key-${nth}`, [{ id: 2 }])).to.equal(202)
        times.push(performance.now() - startedAtMs)
      }
      expect(held).to.equal(1)
      expect(times[0]).to.be.above(95)
      // All of them together, beside whatever else the machine does.
      expect(times.slice(1).reduce((sum, ms) => sum + ms, 0)).to.be.below(19 * 95)
      expect(await send(service, 'key-0', [{ id: 2 }])).to.equal(202)
      expect(await send(service, 'key-0', [{ id: 3 }])).to.equal(422)
      expect(await storedClicks(service)).to.deep.equal({ 1: [1, 0], 2: [20, 0] })
    } finally {
      proxy.judge = () => 'pass'
      await endService(service)
      await proxy.close()
      await database.drop()
    }
  })
})

/** The question of a request thread. That of a flush asks whose the keys are. */
function isQuestion(sql: string): boolean {
  return /FROM bulk_keys/.test(sql) && !/isOwn/.test(sql) && !/DELETE|stored_at/.test(sql)
}

/** null: there was no answer. */
async function send({ url }: ServiceProcess, key: string, clicks: readonly object[]): Promise<number | null> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  try {
    const answer = await fetch(`${url}/counter`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ clicks }),
    })
    await answer.text()
    return answer.status
  } catch {
    return null
  }
}

/** Valid clicks and those of bots, by banner. `ids`: of which banners. */
async function storedClicks({ url }: ServiceProcess, ids = '1,2'): Promise<Record<string, number[]>> {
  const [from, to] = [-1, 1].map(days => new Date(Date.now() + days * 86_400_000).toISOString())
  const answer = await fetch(`${url}/stats?ids=${ids}&from=${from}&to=${to}`)
  const { banners } = (await answer.json()) as { banners: Record<string, number>[] }
  return Object.fromEntries(banners.map(({ bannerId, total, bots }) => [bannerId, [total!, bots!]]))
}

async function booksOf({ url }: ServiceProcess): Promise<object> {
  const { clicks } = (await (await fetch(`${url}/health`)).json()) as Health
  const { accepted, stored, pending, lost, repeated } = clicks as typeof clicks & { repeated: number }
  return { accepted, stored, pending, repeated, lost }
}
