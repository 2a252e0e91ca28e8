import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { readAccess } from '../../db/access/read-access.ts'
import { connect, discard } from '../../db/connection/connect.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Health, health } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { KeyHolder, type LivingKey, sendBulk } from './keys-support.ts'

const CHANGING_MS = 4000
const MOST_PAUSE_MS = 150
const MOST_KEYS = 8
const MOST_OVERLAP_MS = 3000
const CONFIG = fileURLToPath(new URL('../../lib/config/print.ts', import.meta.url))
const run = promisify(execFile)

/** A change is in force everywhere after this time. */
const IN_FORCE_MS = 2000
const ADMIN_KEYS = ['the_admin_key_of_the_first_service', 'the_admin_key_of_the_second_service'] as const
const CLIENTS_OF_A_SERVICE = 8
const CONNECTIONS = 16
const PAUSE_OF_A_CLIENT_MS = 5

type Random = ReturnType<typeof seededRandom>

interface Seen {
  readonly key: LivingKey
  readonly askedAtMs: number
  readonly answeredAtMs: number
  readonly status: number
}

describe('keys of two services on one Postgres', () => {
  const seed = newSeed()
  const seen: Seen[] = []
  let database: TestDatabase
  let printed: string[]
  let told: string[]
  let threads: Health['threads']
  let keysOfHealth: Health['keys'][]
  /** By service: the status of a bulk with no key, its own ADMIN_KEY, and that of the other service. */
  let statuses: number[][]
  /** What all threads answered right after a key was made by HTTP, and right after it was revoked. */
  let byHttp: { text: string; made: number[]; revoked: number[] }
  let secrets: string[]

  before(async function () {
    this.timeout(60_000)
    database = await createTestDatabase()
    const client = await connect(database.server, 'clickcounter test')
    const services = await Promise.all(
      ADMIN_KEYS.map(ADMIN_KEY =>
        startServiceProcess({
          DATABASE_URL: database.url,
          SERVER_THREADS: '2',
          LOGGER_LEVEL: 'trace',
          ADMIN_KEY,
        }),
      ),
    )
    const holder = new KeyHolder(client)
    await changeUnderLoad(services, holder)
    statuses = await Promise.all(
      services.map(({ url }, nth) =>
        Promise.all([null, ADMIN_KEYS[nth]!, ADMIN_KEYS[1 - nth]!].map(text => sendBulk(url, text))),
      ),
    )
    byHttp = await changeByHttp(services[0]!.url)
    const reports = await Promise.all(services.map(health))
    threads = reports.flatMap(report => report.threads)
    keysOfHealth = reports.map(({ keys }) => keys)
    const { sessionSecret, keys } = await readAccess(client)
    secrets = [
      ...ADMIN_KEYS,
      sessionSecret,
      byHttp.text,
      ...holder.keys.map(({ made }) => made.text),
      ...keys.map(key => key.hash),
    ]
    told = await Promise.all(services.flatMap(tellAll))
    expect(await Promise.all(services.map(endService))).to.deep.equal([0, 0])
    printed = services.flatMap(({ lines }) => lines)
    discard(client)
  })
  after(() => database.drop())

  async function changeUnderLoad(services: readonly ServiceProcess[], holder: KeyHolder): Promise<void> {
    const random = seededRandom(seed)
    await holder.create()
    const clients = services.flatMap(({ url }) =>
      // Connections of their own, which the kernel spreads over the threads.
      Array.from({ length: CLIENTS_OF_A_SERVICE }, () => startClient(url, holder, seen, random)),
    )
    const endMs = performance.now() + CHANGING_MS
    while (performance.now() < endMs) {
      await changeAnyKey(holder, random)
      await delay(random(MOST_PAUSE_MS))
    }
    await delay(IN_FORCE_MS + 500)
    await Promise.all(clients.map(stop => stop()))
  }

  it('are let in everywhere 2 s after they were made, and refused everywhere 2 s after their end', () => {
    expect(seen.filter(isWrong).map(describeSeen), `seed ${seed}`).to.deep.equal([])
    const isOver = ({ key, askedAtMs }: Seen) => askedAtMs > key.overAtMs + IN_FORCE_MS
    expect(seen.filter(isOver).length, 'requests with keys that were over').to.be.above(100)
    expect(seen.filter(({ status }) => status === 202).length).to.be.above(500)
    expect(threads).to.have.length(4)
    for (const { requests } of threads) expect(requests).to.be.above(50)
  })

  it('are let in by ADMIN_KEY of their own service, and not by that of the other one', () => {
    for (const [without, own, others] of statuses) {
      expect([without, own]).to.deep.equal([401, 202])
      expect(others).to.be.oneOf([401, 429])
    }
  })

  it('are in force in all threads of the service that was asked, as soon as it has answered', () => {
    expect(new Set(byHttp.made)).to.deep.equal(new Set([202]))
    expect(byHttp.revoked).to.have.length(CONNECTIONS)
    for (const status of byHttp.revoked) expect(status).to.be.oneOf([401, 429])
  })

  it('are counted on /health, which says that Postgres has just confirmed them', () => {
    for (const { ageSeconds, inForce, failed, limited, ...others } of keysOfHealth) {
      expect(others).to.include({ known: true, open: false })
      expect(ageSeconds).to.be.below(2)
      expect(inForce).to.be.at.least(2)
      expect(failed).to.be.above(limited)
      expect(limited).to.be.above(0)
    }
  })

  it('are printed nowhere: neither their texts nor what is kept of them, nor ADMIN_KEY, nor the session secret', () => {
    expect(printed.length).to.be.above(10)
    expect(printed.join()).to.include('"adminKey":"***"')
    expect(told.join()).to.match(/CLICKCOUNTER_ADMIN_KEY +\*\*\*/)
    expect(told.join()).to.include('clickcounter_keys_in_force').and.to.include('"inForce"')
    for (const text of [...printed, ...told])
      for (const secret of secrets) expect(text).not.to.include(secret)
  })
})

async function changeByHttp(url: string) {
  const headers = { authorization: `Bearer ${ADMIN_KEYS[0]}`, 'content-type': 'application/json' }
  const body = '{"name":"by HTTP","scopes":["count"]}'
  const answer = await fetch(`${url}/keys`, { method: 'POST', headers, body })
  expect(answer.status).to.equal(201)
  const { key, text } = (await answer.json()) as { key: { id: string }; text: string }
  const everywhere = () => Promise.all(Array.from({ length: CONNECTIONS }, () => sendBulk(url, text)))
  const made = await everywhere()
  expect((await fetch(`${url}/keys/${key.id}`, { method: 'DELETE', headers })).status).to.equal(200)
  return { text, made, revoked: await everywhere() }
}

/** All that a service tells whoever asks: on /health and /metrics, by its settings, and by its title. */
function tellAll({ url, child }: ServiceProcess, nth: number): Promise<string>[] {
  const ask = async (path: string) => await (await fetch(`${url}${path}`)).text()
  const env = { PATH: process.env.PATH, CLICKCOUNTER_ADMIN_KEY: ADMIN_KEYS[nth] }
  return [
    ask('/health'),
    ask('/metrics'),
    run(process.execPath, [CONFIG], { env }).then(({ stdout, stderr }) => stdout + stderr),
    readFile(`/proc/${child.pid}/cmdline`, 'utf8'),
  ]
}

/** One of the keys is revoked or rotated, or there is one more. The first one stays: without any, all would be let in. */
async function changeAnyKey(holder: KeyHolder, random: Random): Promise<void> {
  const [, ...others] = holder.inForce
  const key = others[random(others.length)]
  const choice = random(10)
  if (key === undefined || (choice < 4 && others.length < MOST_KEYS)) await holder.create()
  else if (choice < 7) await holder.revoke(key)
  else await holder.rotate(key, random(MOST_OVERLAP_MS))
}

/** Sends bulks, each with any of the keys that ever were. Returns its end. */
function startClient(url: string, { keys }: KeyHolder, seen: Seen[], random: Random): () => Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let isRunning = true
  const run = async () => {
    while (isRunning) {
      const key = keys[random(keys.length)]!
      const askedAtMs = performance.now()
      const status = await sendBulk(url, key.made.text, agent)
      seen.push({ key, askedAtMs, answeredAtMs: performance.now(), status })
      await delay(PAUSE_OF_A_CLIENT_MS)
    }
    agent.destroy()
  }
  const running = run()
  return async () => {
    isRunning = false
    await running
  }
}

/** Whether a key in force was refused, or one that was over let in. */
function isWrong({ key, askedAtMs, answeredAtMs, status }: Seen): boolean {
  if (askedAtMs > key.madeAtMs + IN_FORCE_MS && answeredAtMs < key.inForceUntilMs) return status !== 202
  // Beyond an overlap of less than 2 s, the key is in force as long as its rotation takes to come.
  if (askedAtMs > key.overAtMs + IN_FORCE_MS) return status === 202
  return ![202, 401, 429].includes(status)
}

function describeSeen({ key, askedAtMs, status }: Seen) {
  const since = (atMs: number) => Math.round(askedAtMs - atMs)
  return { status, sinceMadeMs: since(key.madeAtMs), sinceOverMs: since(key.overAtMs) }
}
