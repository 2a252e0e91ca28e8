import { expect } from 'chai'
import { openPool } from '../../../db/connection/connect.ts'
import { SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import { Snapshot } from '../../../db/stats/snapshot.ts'
import { createTestDatabase } from '../../support/database.ts'

describe('a snapshot of clicks', () => {
  it('lets Postgres read all days at once only when it has statistics of them, and no longer than it lasts', async () => {
    const database = await createTestDatabase()
    const pool = openPool(database.server, 'clickcounter test', 1)
    const isLet = async () => {
      const client = await pool.connect()
      const settingNow = async () => {
        const { rows } = await client.query<{ enable_seqscan: string }>('SHOW enable_seqscan')
        return rows[0]!.enable_seqscan
      }
      const settings = []
      {
        using snapshot = new Snapshot(client)
        await snapshot.begin(SERVICE_LIMITS)
        settings.push(await settingNow())
        await snapshot.planDays()
        settings.push(await settingNow())
        await snapshot.end()
      }
      return settings
    }
    await database.query("INSERT INTO click_days VALUES (1, '2024-12-12Z', 1, 0, 0)")
    expect(await isLet()).to.deep.equal(['off', 'off'])
    await database.query('ANALYZE click_days')
    expect(await isLet()).to.deep.equal(['off', 'on'])
    expect(await isLet(), 'again').to.deep.equal(['off', 'on'])
    await pool.end()
    await database.drop()
  })
})
