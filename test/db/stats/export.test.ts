import { expect } from 'chai'
import { openPool } from '../../../db/connection/connect.ts'
import type { ConnectionPool } from '../../../db/connection/hosts-pool.ts'
import { readExport } from '../../../db/stats/export.ts'
import { begin } from '../../../lib/http/api/stats/answer.ts'
import { exportText } from '../../../lib/http/api/stats/export-text.ts'
import { bodyOf } from '../../../lib/http/api/stats/pieces.ts'
import { minutesOf } from '../../../lib/questions/time-range.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { setInstances } from '../../support/instances.ts'
import { until } from '../../support/until.ts'

/** Of a year in which nobody has clicked. */
const YEAR = {
  from: new Date('2024-01-01T00:00Z'),
  to: new Date('2025-01-01T00:00Z'),
  step: 'minute',
  after: null,
} as const

describe('An export', () => {
  let database: TestDatabase
  let pool: ConnectionPool
  before(async () => {
    database = await createTestDatabase()
    pool = openPool(database.server, 'clickcounter test', 1)
    await setInstances(database, [{ name: 'a', finalThrough: 3 }])
  })
  after(async () => {
    await pool.end()
    await database.drop()
  })

  it('has a head at once, and ends soon when its reader leaves, also where nobody has clicked', async () => {
    let [slices, hasEnded] = [0, false]
    const watched = async function* () {
      try {
        for await (const part of readExport(pool, YEAR)) {
          if (part.kind === 'sliceEnded') slices++
          yield part
        }
      } finally {
        hasEnded = true
      }
    }
    const { parts } = await begin(watched())
    const body = await bodyOf(exportText(parts, minutesOf(YEAR), 'text/csv'))
    expect(body.read().toString()).to.match(/^ts,banner/)
    await until(() => slices > 2)
    body.destroy()
    await until(() => hasEnded)
    expect(slices).to.be.lessThan(10_000)
  })

  it('breaks off when minutes are dropped that it has still to read', async () => {
    const parts = readExport(pool, YEAR)
    expect((await parts.next()).value).to.have.property('kind', 'begun')
    await database.query("UPDATE click_history SET minutes_from = '2024-06-01T00:00Z'")
    const error = await parts.next().catch(error => error as Error)
    expect(error)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/minutes are kept since/)
  })
})
