import { expect } from 'chai'
import type { Fleet } from '../../../db/fleet/fleet.ts'
import { bareFetch } from '../../support/documented-fetch.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import { until } from '../../support/until.ts'

describe('GET /fleet', () => {
  let test: HttpTest
  let proxy: PostgresProxy
  before(async () => {
    test = await startHttpTest({
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
  })
  after(async () => {
    await test.stop()
    await proxy.close()
  })
  const ask = (headers: Record<string, string> = {}) => fetch(`${test.thread.url}/fleet`, { headers })

  it('tells all instances, from one question to Postgres a second, and 503 without it', async () => {
    await test.database.query(
      `INSERT INTO click_instances (writer, name, version, started_at, seen_at, state, pending, final_through)
       VALUES (gen_random_uuid(), 'web-1', '1.0.0', now(), now(), 'serving', 0, '2026-11-28T09:00:00.9Z')`,
    )
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
    const fleet = (await answers[0]!.json()) as Fleet
    expect(fleet).to.deep.include({ finalThrough: '2026-11-28T09:00:00Z', heldBackBy: ['web-1'] })
    expect(fleet.instances[0]).to.include({ name: 'web-1', state: 'serving', advice: null })
    await test.database.query("UPDATE click_instances SET name = 'web-2'")
    expect(((await (await ask()).json()) as Fleet).heldBackBy).to.deep.equal(['web-1'])
    await until(async () => ((await (await ask()).json()) as Fleet).heldBackBy[0] === 'web-2')
    proxy.cut()
    await until(async () => (await ask()).status === 503)
    const refused = await ask()
    expect(refused.headers.get('retry-after')).to.equal('5')
    expect(expectError(refused.status, await refused.text(), 503)).to.match(/database cannot be asked/)
    proxy.restore()
    await until(async () => (await ask()).status === 200)
  })

  it('is open as /health is', async () => {
    const closed = await startHttpTest({ settings: { HEALTH_IS_PUBLIC: 'false' } })
    const [operator, reader] = [newKey(['operate']), newKey(['read'])]
    closed.thread.keyring.replace(snapshotOf([operator, reader]))
    const statusFor = async (key: string) =>
      (await bareFetch(`${closed.thread.url}/fleet`, { headers: { authorization: `Bearer ${key}` } })).status
    expect(await statusFor(reader.text)).to.equal(403)
    expect(await statusFor(operator.text)).to.equal(200)
    await closed.stop()
  })
})
