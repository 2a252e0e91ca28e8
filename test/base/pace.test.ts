import { expect } from 'chai'
import { Pace } from '../../lib/base/pace.ts'

describe('long work of a thread', () => {
  it('lets others have their turn every few milliseconds', async () => {
    let turns = 0
    let isDone = false
    const turn = () => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    const pace = new Pace()
    const endMs = performance.now() + 100
    while (performance.now() < endMs) if (pace.isDue) await pace.rest()
    isDone = true
    expect(turns).to.be.within(3, 30)
  })

  it('rests once a slice, not more often', async () => {
    const pace = new Pace()
    let rests = 0
    for (let step = 0; step < 1000; step++)
      if (pace.isDue) {
        rests++
        await pace.rest()
      }
    expect(rests).to.be.below(3)
  })
})
