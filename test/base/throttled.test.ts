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
})
