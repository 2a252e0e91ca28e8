import { expect } from 'chai'
import { StepSize } from '../../../db/history/step-size.ts'

describe('the size of a step', () => {
  it('is what lasts as long as it should, and at most doubles', () => {
    const size = new StepSize(100)
    expect(size.quarters).to.equal(1)
    for (const [quarters, ms, next] of [
      [1, 10, 2],
      [2, 10, 4],
      [4, 80, 5],
      [5, 1000, 1],
      [1, 0, 2],
      [2000, 1, 2976],
    ] as const) {
      size.took(quarters, ms)
      expect(size.quarters, `${quarters} in ${ms} ms`).to.equal(next)
    }
    size.undone()
    expect(size.quarters).to.equal(1)
  })

  it('does not grow by steps that were shorter because there was no more', () => {
    const size = new StepSize(100)
    for (let time = 0; time < 5; time++) size.took(1, 1)
    expect(size.quarters).to.equal(2)
  })
})
