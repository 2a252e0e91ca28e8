import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { sweep } from '../../../lib/http/listener/sweep.ts'

describe('a sweep', () => {
  afterEach(() => mock.timers.reset())

  it('ends late connections a few in a turn of the event loop, and all of them', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    const connections = new Set(Array.from({ length: 200 }, (_, nth) => nth))
    let ended = 0
    const { stop } = sweep(connections, nth => {
      if (nth % 2 === 1) return false
      ended++
      return connections.delete(nth)
    })
    mock.timers.tick(1000)
    const inTurns: number[] = []
    while (ended < 100) {
      const before = ended
      inTurns.push(before)
      // A look that comes too early is none.
      mock.timers.tick(1000)
      expect(ended).to.equal(before)
      await nextTurn()
    }
    expect(inTurns).to.deep.equal([32, 64, 96])
    await nextTurn()
    for (const late of [400, 402]) connections.add(late)
    mock.timers.tick(1000)
    expect(ended).to.equal(102)
    stop()
    connections.add(404)
    mock.timers.tick(1000)
    expect([ended, connections.size]).to.deep.equal([102, 101])
  })
})
