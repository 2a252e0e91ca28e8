import { expect } from 'chai'
import { Failures } from '../../../lib/http/access/failures.ts'

const MINUTE_MS = 60_000

describe('failures with keys', () => {
  let nowMs: number
  let failures: Failures
  beforeEach(() => {
    nowMs = 1000
    failures = new Failures(() => nowMs)
  })

  function fail(client: string, times: number): number[] {
    return Array.from({ length: times }, () => failures.add(client))
  }

  it('are limited from the eleventh of a minute on, until the minute is over', () => {
    expect(fail('a', 10)).to.deep.equal(Array(10).fill(0))
    nowMs += 20_000
    expect(fail('a', 2)).to.deep.equal([40_000, 40_000])
    nowMs += 40_000
    expect(fail('a', 11)).to.deep.equal([...Array(10).fill(0), MINUTE_MS])
  })

  it('of one client do not limit another', () => {
    fail('a', 11)
    expect(fail('b', 1)).to.deep.equal([0])
  })

  it('take no more room, however many clients fail', () => {
    const failAs = (clients: number) => {
      for (let client = 0; client < clients; client++) failures.add(`${nowMs} ${client}`)
    }
    failAs(20_000)
    const before = process.memoryUsage().heapUsed
    nowMs++
    failAs(1_000_000)
    expect(process.memoryUsage().heapUsed - before).to.be.below(60 * 2 ** 20)
  })

  it('are forgotten only when thousands of other clients have begun to fail since', () => {
    fail('a', 11)
    for (let round = 0; round < 3; round++)
      for (let client = 0; client < 5000; client++) failures.add(`client ${client}`)
    expect(failures.add('a')).to.equal(MINUTE_MS)
    for (let client = 0; client < 5000; client++) failures.add(`other ${client}`)
    expect(failures.add('a')).to.equal(0)
  })

  it('of a new minute are not forgotten with those of the minute before', () => {
    fail('a', 1)
    for (let client = 0; client < 4999; client++) failures.add(`client ${client}`)
    nowMs += MINUTE_MS
    fail('a', 11)
    for (let client = 0; client < 4999; client++) failures.add(`client ${client}`)
    expect(failures.add('a')).to.equal(MINUTE_MS)
  })
})
