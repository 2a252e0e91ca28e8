import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Health } from '../support/health.ts'
import { endService, type ServiceProcess, spawnService, startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

/** So many that both threads get some: the kernel spreads connections. */
const CONNECTIONS = 20
const THIRD = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0 Third/1'

interface Told {
  readonly health: Health
  /** Of clicks of `THIRD` over new connections, and of one over a connection that was there from the beginning. */
  readonly bots: { readonly fresh: number; readonly kept: number }
  /** What was logged since the state before. */
  readonly lines: readonly string[]
}

/** A service whose lists are read, read again, wrong, and mended. */
describe('the lists of bots of a service', () => {
  let database: TestDatabase
  let directory: string
  let settings: Record<string, string>
  let service: ServiceProcess
  let exitCode: number | null
  const told: Told[] = []
  const keptAgent = new http.Agent({ keepAlive: true, maxSockets: 1 })

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-bots-'))
    database = await createTestDatabase()
    settings = {
      DATABASE_URL: database.url,
      SERVER_THREADS: '2',
      BOTS: 'class',
      BOT_PATTERNS_FILE: join(directory, 'patterns'),
      BOT_ADDRESSES_FILE: join(directory, 'addresses'),
    }
    write('patterns', 'SecretReader/\nThird')
    write('addresses', '192.0.2.0/24')
    service = await startServiceProcess(settings)
    await tell(0)
    write('patterns', 'SecretReader/\nOther\nFourth')
    write('addresses', '')
    await hangUp(/lists of bots: read again/)
    write('patterns', 'Third\nSecretReader/|1')
    await hangUp(/"condition":"bot_lists_wrong"/)
    write('patterns', 'Third')
    await hangUp(/lists of bots: read again/)
    keptAgent.destroy()
    exitCode = await endService(service)
  })
  after(async () => {
    await database.drop()
    rmSync(directory, { recursive: true })
  })

  /** As an operator should: beside the old file, and renamed. */
  function write(name: string, text: string): void {
    writeFileSync(join(directory, 'new'), text)
    renameSync(join(directory, 'new'), join(directory, name))
  }

  async function tell(fromLine: number): Promise<void> {
    const health = await readHealth()
    const kept = await botsAmong([keptAgent])
    const fresh = await botsAmong(Array.from({ length: CONNECTIONS }, () => false as const))
    told.push({ health, bots: { fresh, kept }, lines: service.lines.slice(fromLine) })
  }

  async function readHealth(): Promise<Health> {
    return (await (await fetch(`${service.url}/health`)).json()) as Health
  }

  /** Clicks once over each agent. false: over a connection of its own. */
  async function botsAmong(agents: readonly (http.Agent | false)[]): Promise<number> {
    const before = (await readHealth()).clicks.byClass.bot
    for (const agent of agents) {
      const request = http.get(`${service.url}/counter/1`, { agent, headers: { 'user-agent': THIRD } })
      const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
      answer.resume()
      await once(answer, 'end')
    }
    return (await readHealth()).clicks.byClass.bot - before
  }

  async function hangUp(logged: RegExp): Promise<void> {
    const fromLine = service.lines.length
    service.signal('SIGHUP')
    await until(() => service.lines.slice(fromLine).some(line => logged.test(line)))
    await tell(fromLine)
  }

  it('are read at the start', () => {
    const { health, lines } = told[0]!
    expect(health.bots).to.deep.include({ classed: true, patterns: 2, ranges: 1 })
    expect(Date.parse(health.bots.listsReadAt!)).to.be.at.least(Date.parse(health.startedAt))
    expect(lines.join()).to.match(/"patterns":2,"ranges":1,"msg":"lists of bots: read"/)
  })

  it('are read again on SIGHUP, while the service goes on', () => {
    const { health, lines } = told[1]!
    expect(health.bots).to.deep.include({ classed: true, patterns: 3, ranges: 0 })
    expect(Date.parse(health.bots.listsReadAt!)).to.be.above(Date.parse(told[0]!.health.bots.listsReadAt!))
    expect(lines.join()).to.match(/"patterns":3,"ranges":0,"msg":"lists of bots: read again"/)
    expect(exitCode).to.equal(0)
  })

  it('stay as they were when one of them is wrong, which /health says and the log explains', () => {
    const { health, lines } = told[2]!
    expect(health.bots).to.deep.equal(told[1]!.health.bots)
    expect(health.status).to.equal('degraded')
    expect(detailIn(health)).to.contain('so the ones before stay in force')
    expect(lines.join('\n')).to.contain('line 2 of CLICKCOUNTER_BOT_PATTERNS_FILE')
  })

  it('are in force once they are mended', () => {
    const { health } = told[3]!
    expect(detailIn(health)).to.equal(undefined)
    expect(health.bots).to.deep.include({ patterns: 1, ranges: 0 })
  })

  it('decide on each click in each thread, also on a connection whose head is known', () => {
    expect(told.map(({ bots }) => bots)).to.deep.equal([
      { fresh: CONNECTIONS, kept: 1 },
      { fresh: 0, kept: 0 },
      { fresh: 0, kept: 0 },
      { fresh: CONNECTIONS, kept: 1 },
    ])
  })

  it('are nowhere to be read on /health', () => {
    expect(JSON.stringify(told.map(({ health }) => health))).not.to.match(/SecretReader|192\.0\.2/)
  })

  it('stop a start when one of them is wrong', async () => {
    write('addresses', '10.0.0.0/8\n10.0.0.0/99')
    const place = { SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', DATA_DIR: join(directory, 'data') }
    const started = spawnService({ ...settings, ...place })
    expect(await started.exited).to.equal(1)
    expect(started.lines.at(-1)).to.match(
      /^line 2 of CLICKCOUNTER_BOT_ADDRESSES_FILE \(".*\/addresses"\): "10\.0\.0\.0\/99" has a length/,
    )
  })
})

function detailIn({ reasons }: Health): string | null | undefined {
  return reasons.find(({ reason }) => reason === 'bot_lists_wrong')?.detail
}
