import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { healthSchema } from '../../lib/health/schema.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Health } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'
import { openConnection } from '../support/raw-http.ts'

const CLICKS = 200

/** A service through good days and bad ones, and what it has told of them. */
describe('a service that is observed', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let service: ServiceProcess
  let exitCode: number | null
  /** What /health answered in each state. */
  const told = new Map<string, Health>()
  let logged: { level: number; msg: string; [field: string]: unknown }[]

  before(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
    const { user, password, port, name } = proxy.server
    service = await startServiceProcess({
      DATABASE_URL: `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`,
      SERVER_THREADS: '1',
      CLICK_FLUSHER_INTERVAL: '0.05',
    })
    for (let click = 0; click < CLICKS; click++) expect(await clickOnce()).to.equal(204)
    await tell('ok', ({ clicks, history }) => clicks.stored === CLICKS && history.daysThrough !== null)
    proxy.cut()
    expect(await clickOnce()).to.equal(204)
    await tell('degraded')
    await failJournal(() => tell('refusing'))
    proxy.restore()
    expect(await clickOnce()).to.equal(204)
    await tell('ok again', ({ status, clicks }) => status === 'ok' && clicks.pending === 0)
    await stopWhileAnswering()
    exitCode = await endService(service)
    logged = service.lines.map(line => JSON.parse(line))
  })
  after(async () => {
    await proxy.close()
    await database.drop()
  })

  async function clickOnce(id = '1'): Promise<number> {
    return (await fetch(`${service.url}/counter/${id}`)).status
  }

  function isClickTaken(): Promise<boolean> {
    return clickOnce().then(
      () => true,
      () => false,
    )
  }

  /** Asks until the state has come. */
  async function tell(state: string, hasCome = ({ status }: Health) => status === state): Promise<void> {
    for (;;) {
      const report = (await (await fetch(`${service.url}/health`)).json()) as Health
      told.set(state, report)
      if (hasCome(report)) return
    }
  }

  /** The journal's directory is elsewhere for a while: the next generation can open no file. */
  async function failJournal(act: () => Promise<void>): Promise<void> {
    const directory = join(service.dataDir, 'journal')
    await rename(directory, `${directory}-elsewhere`)
    // Encoded, so that Hapi serves it: the lane logs refused clicks without their requests.
    while ((await clickOnce('%31')) !== 503);
    await act()
    await rename(`${directory}-elsewhere`, directory)
  }

  /** A request that was half sent when the signal came is answered. */
  async function stopWhileAnswering(): Promise<void> {
    const socket = openConnection(Number(new URL(service.url).port))
    socket.write('GET /health HTTP/1.1\r\nHost: counter\r\n')
    await once(socket, 'connect')
    // The thread has accepted the connection before it answers the first request, and has read from it before the second.
    for (let click = 0; click < 2; click++) expect(await clickOnce()).to.equal(204)
    service.signal('SIGTERM')
    // The state changes before the port is closed.
    while (await isClickTaken());
    socket.end('\r\n')
    const answer = (await socket.setEncoding('utf8').toArray()).join('')
    expect(answer)
      .to.match(/^HTTP\/1\.1 503 /)
      .and.to.match(/\r\nretry-after: 1\r\n/)
    told.set('stopping', JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)))
  }

  const states = [
    { state: 'ok', reason: null, database: 'up' },
    { state: 'degraded', reason: 'database_down', database: 'down' },
    { state: 'refusing', reason: 'journal_failing', database: 'down' },
    { state: 'stopping', reason: null, database: 'up' },
  ]
  for (const { state, reason, database } of states)
    it(`answers by its schema when it is ${state}, and says why`, () => {
      const report = told.get(state)!
      expect(healthSchema.validate(report, { convert: false }).error?.message).to.equal(undefined)
      expect(report).to.include({ status: state, reason })
      expect(report.database.status).to.equal(database)
      if (database === 'up') expect(report.database.downSince).to.equal(null)
      else expect(Date.parse(report.database.downSince!)).to.be.within(Date.now() - 60_000, Date.now())
      expect(report.clicks.accepted).to.equal(report.clicks.stored + report.clicks.pending)
    })

  it('tells up to when clicks are summed up', () => {
    const { daysThrough, quartersThrough, minutesFrom } = told.get('ok')!.history
    expect(daysThrough).to.equal(quartersThrough)
    expect(Date.now() - Date.parse(daysThrough!)).to.be.within(0, 40 * 60_000)
    expect(minutesFrom).to.equal(null)
  })

  it('goes on telling since when Postgres is away, and stops when it is back', () => {
    expect(told.get('refusing')!.database.downSince).to.equal(told.get('degraded')!.database.downSince)
    expect(told.get('ok again')!.database).to.include({ downSince: null, lastError: null })
  })

  it('logs the settings in force, without the password', () => {
    expect(logged[0]).to.deep.include({ msg: 'starting' })
    expect(logged[0]).to.have.nested.property('config.clickFlusher.intervalMs', 50)
    expect(logged[0]).to.have.nested.property('config.database.server.password', '***')
    expect(service.lines.join('\n')).not.to.include(database.server.password)
  })

  const events = [
    'listening on 127.0.0.1, 1 request thread: http:',
    'the database does not take the flush; clicks are kept',
    'the database takes flushes again',
    'SIGTERM: stopping',
    'stopped; every click is stored',
  ]
  for (const event of events)
    it(`logs once: ${event} …`, () => {
      expect(logged.filter(({ msg }) => msg.startsWith(event))).to.have.length(1)
    })

  it('logs a click that cannot be journaled with its request, once', () => {
    const refusals = logged.filter(({ msg }) => msg === 'a request was refused')
    expect(refusals).to.have.length(1)
    expect(refusals[0]!.requestId).to.match(/^\d{13}:[-\da-f]{36}:\d+$/)
    expect(refusals[0])
      .to.have.nested.property('err.message')
      .that.matches(/ENOENT/)
  })

  it('logs nothing of a click that went well', () => {
    expect(logged).to.have.length.below(20)
    expect(exitCode).to.equal(0)
  })
})
