import { expect } from 'chai'
import { gapAt, History } from '../../lib/dashboard/page/history.js'

describe('the charts’ samples', () => {
  let history: History
  const times = () => history.samples.map(({ atSeconds }) => atSeconds)
  const add = (...seconds: number[]) => {
    for (const atSeconds of seconds) history.add(gapAt(atSeconds))
  }
  beforeEach(() => {
    history = new History()
  })

  it('reach back fifteen minutes', () => {
    for (let second = 0; second <= 1000; second++) add(second)
    expect([times()[0], times().at(-1)]).to.deep.equal([100, 1000])
  })

  it('have a gap where nobody looked', () => {
    add(1, 2, 20)
    expect(times()).to.deep.equal([1, 2, 3, 20])
  })

  it('are one a moment', () => {
    add(1, 2, 2)
    expect(times()).to.deep.equal([1, 2])
  })

  it('go on after the clock was put back, without what is in the future now', () => {
    add(100, 101, 102, 101.5, 102.5)
    expect(times()).to.deep.equal([100, 101, 101.5, 102.5])
    add(50, 51)
    expect(times()).to.deep.equal([50, 51])
  })
})
