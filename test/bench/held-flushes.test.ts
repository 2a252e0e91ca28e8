import { expect } from 'chai'
import { measureHeld } from '../../bench/measuring/held-flushes.ts'
import { connect } from '../../db/connection/connect.ts'
import { ensureMonths, monthOf } from '../../db/history/months.ts'
import { beginAt, flush, minuteOf } from '../db/history/history-support.ts'
import { createTestDatabase } from '../support/database.ts'
import type { Row } from '../support/rows.ts'

const BANNERS = 2000
const QUARTERS = 3
const QUARTER_MINUTES = 15

describe('steps of the roll-ups', () => {
  // Both times are of this machine: so the limit is as fast or slow as it is.
  it('hold flushes for less than the clicks of their quarter took to be stored', async () => {
    const database = await createTestDatabase()
    const [client, flusher] = await Promise.all(
      [1, 2].map(() => connect(database.server, 'clickcounter test')),
    )
    const later = minuteOf('2024-12-13T00:00')
    await ensureMonths(client!, 'minutes', [monthOf(later)])
    await beginAt(database, '2024-12-12T22:30')
    const startedAtMs = performance.now()
    for (let minute = later; minute < later + QUARTER_MINUTES; minute++)
      await flush(
        client!,
        Array.from({ length: BANNERS }, (_, nth): Row => [nth + 1, minute, 1]),
      )
    const storedMs = performance.now() - startedAtMs
    await database.query('TRUNCATE click_minutes')

    const { ms } = await measureHeld(client!, flusher!, BANNERS, QUARTERS, () => {})
    // The shortest: whatever else the machine does may stop any of them for a while.
    for (const heldMs of [ms.quarters, ms.days]) expect(Math.min(...heldMs)).to.be.below(storedMs)
    const rows = await database.query<{ clicks: number; rows: number }>(
      'SELECT sum(clicks)::int AS clicks, count(*)::int AS rows FROM click_days',
    )
    expect(rows).to.deep.equal([{ clicks: BANNERS * QUARTERS * QUARTER_MINUTES, rows: BANNERS }])
    await Promise.all([client!.end(), flusher!.end()])
    await database.drop()
  })
})
