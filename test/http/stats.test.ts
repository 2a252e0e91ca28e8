import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startTestThread, type TestThread } from '../support/thread.ts'

describe('stats', () => {
  let database: TestDatabase
  let thread: TestThread
  before(async () => {
    database = await createTestDatabase()
    thread = await startTestThread(database)
  })
  after(async () => {
    await thread.stop()
    await database.drop()
  })

  it('answers the documented example to the letter', async () => {
    const clicksAt = { '2024-12-12T10:00:59.999Z': 4, '2024-12-12T10:01:00Z': 2, '2024-12-12T10:04:30Z': 2 }
    for (const [time, clicks] of Object.entries(clicksAt)) {
      thread.clock.nowMs = Date.parse(time)
      for (let click = 0; click < clicks; click++) {
        const response = await fetch(`${thread.url}/counter/1`)
        expect(response.status).to.equal(204)
      }
    }
    const response = await fetch(`${thread.url}/stats/1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}',
    })
    expect(await response.text()).to.equal(
      '{"bannerId":1,"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z","total":8,' +
        '"stats":[{"ts":"2024-12-12T10:00:00Z","v":4},{"ts":"2024-12-12T10:01:00Z","v":2},{"ts":"2024-12-12T10:04:00Z","v":2}]}',
    )
  })
})
