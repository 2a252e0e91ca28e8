import { expect } from 'chai'
import { Pace } from '../../lib/base/pace.ts'

const STEP_MS = 0.01
const STEPS = 10_000

describe('long work of a thread', () => {
  it('lets others have their turn every few milliseconds, and not more often', async () => {
    let turns = 0
    let isDone = false
    const turn = () => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    let nowMs = 0
    let rests = 0
    const pace = new Pace(() => nowMs)
    for (let step = 0; step < STEPS; step++) {
      nowMs += STEP_MS
      if (!pace.isDue) continue
      rests++
      await pace.rest()
    }
    isDone = true
    expect((STEPS * STEP_MS) / rests).to.be.within(2, 6)
    expect(turns).to.be.within(rests - 1, rests + 1)
  })
})
