import { expect } from 'chai'
import { throttled } from '../../lib/base/throttled.ts'

describe('a failure that goes on', () => {
  const { now } = performance
  let nowMs = 1000
  beforeEach(() => {
    performance.now = () => nowMs
  })
  afterEach(() => {
    performance.now = now
  })

  it('is told once in 30 s, and another one at once, each with its details', () => {
    const told: unknown[] = []
    const tell = throttled((what, { message }, nth: number) => told.push([what, message, nth]))
    tell('a flush failed', new Error('disk'), 1)
    tell('a flush failed', new Error('disk'), 2)
    tell('a flush failed', new Error('network'), 3)
    nowMs += 29_999
    tell('a flush failed', new Error('disk'), 4)
    nowMs += 1
    tell('a flush failed', new Error('disk'), 5)
    expect(told).to.deep.equal([
      ['a flush failed', 'disk', 1],
      ['a flush failed', 'network', 3],
      ['a flush failed', 'disk', 5],
    ])
  })

  it('is told as seldom as is wanted', () => {
    const told: number[] = []
    const tell = throttled((_what, _error, nth: number) => told.push(nth), 3_600_000)
    for (const [nth, afterMs] of [0, 3_599_999, 1].entries()) {
      nowMs += afterMs
      tell('a table stays', new Error('a view'), nth)
    }
    expect(told).to.deep.equal([0, 2])
  })
})
