import { expect } from 'chai'
import type { Health } from '../../lib/dashboard/page/types.d.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'

describe('a service whose database refuses it', () => {
  let database: TestDatabase
  let service: ServiceProcess | undefined
  let role: string
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
    role = database.server.name
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`)
  })
  afterEach(async () => {
    if (service !== undefined) await endService(service)
    await database.query(`DROP OWNED BY ${role}`)
    await database.query(`DROP ROLE ${role}`)
    await database.drop()
  })

  const health = async () => (await (await fetch(`${service!.url}/health`)).json()) as Health
  const untilReason = async (reason: string | null) => {
    for (;;) {
      const report = await health()
      if (report.reason === reason) return report
    }
  }
  const untilLogged = (reason: string, words: RegExp) =>
    service!.line(new RegExp(`"condition":"${reason}".*${words.source}`))

  it('says why, on /health and in the log, one reason after the other, and goes on when all are mended', async () => {
    const url = new URL(database.url)
    url.username = role
    url.password = 'wrong'
    service = await startServiceProcess({ DATABASE_URL: url.href, CLICK_FLUSHER_INTERVAL: '0.1' })
    const click = async () => expect((await fetch(`${service!.url}/counter/1`)).status).to.equal(204)
    await click()
    const refused = await untilReason('database_password')
    expect(refused.reasons[0]!.detail).to.match(new RegExp(`password of user ${role}: correct`))
    expect(refused).to.deep.include({ status: 'degraded' })
    expect(refused.database).to.include({ status: 'up', downSince: null })
    await untilLogged('database_password', /password of user/)
    await database.query(`ALTER ROLE ${role} PASSWORD 'wrong'`)
    await untilReason('database_rights')
    await untilLogged('database_rights', /GRANT CREATE/)
    const stats = await fetch(`${service.url}/stats/1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"from":"2024-12-12","to":"2024-12-13"}',
    })
    expect(stats.status).to.equal(503)
    expect(((await stats.json()) as { message: string }).message).not.to.match(
      /reach|right|privilege|role|password/,
    )
    await database.query(`GRANT CREATE ON SCHEMA public TO ${role}`)
    await untilReason(null)
    await click()
    await database.query('ALTER TABLE click_minutes RENAME COLUMN clicks TO hits')
    await click()
    await untilReason('database_column')
    await database.query('ALTER TABLE click_minutes RENAME COLUMN hits TO clicks')
    // Of two batches, the first one that is stored ends the reason.
    while ((await untilReason(null)).clicks.pending > 0);
    expect((await health()).clicks).to.include({ accepted: 3, stored: 3, pending: 0 })
    await untilLogged('database_column', /over: A column is missing/)
  })
})
