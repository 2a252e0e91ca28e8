import { expect } from 'chai'
import pino from 'pino'
import { BacklogLog } from '../../lib/rollups/backlog-log.ts'
import { minuteOf } from '../db/history/history-support.ts'

const BEGIN = minuteOf('2024-12-01T00:00')
const DAY = 1440

describe('the log of a backlog', () => {
  it('tells its beginning, how far it is every 30 s, and its end', () => {
    let nowMs = 0
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) })
    const backlog = new BacklogLog(log, () => nowMs)
    for (const [seconds, days, due] of [
      [0, 0, 10],
      [29, 3, 10],
      [30, 4, 10],
      [59, 5, 10],
      [60, 9.5, 10.5],
      [61, 10.5, 10.5],
      [99, 10.5, 10.5],
    ] as const) {
      nowMs = seconds * 1000
      backlog.summedUp(BEGIN + days * DAY, BEGIN + due * DAY)
    }
    expect(lines).to.deep.equal([
      'summing up the clicks of 10 days, from 2024-12-01T00:00Z on',
      'summed up until 2024-12-05T00:00Z, 40 %',
      'summed up until 2024-12-10T12:00Z, 90 %',
      'all clicks are summed up, after 61 s',
    ])
  })

  it('says nothing of what is an hour or less, and tells a short one in hours', () => {
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) })
    const backlog = new BacklogLog(log, () => 0)
    backlog.summedUp(BEGIN, BEGIN + 60)
    expect(lines).to.deep.equal([])
    backlog.summedUp(BEGIN, BEGIN + 400)
    expect(lines).to.deep.equal(['summing up the clicks of 6 hours, from 2024-12-01T00:00Z on'])
  })
})
