import { expect } from 'chai'
import { correctedLatency } from '../../bench/load/corrected-latency.ts'
import { median, medianRatio, quantile, ratios, slope } from '../../bench/measuring/statistics.ts'

describe('statistics of the bench', () => {
  it('takes the middle value, and the mean of the two in the middle of an even number', () => {
    expect(median([9, 1, 5])).to.equal(5)
    expect(median([9, 1, 5, 3])).to.equal(4)
    expect(median([7])).to.equal(7)
    expect(median([])).to.be.NaN
  })

  it('leaves the values in the order they came in', () => {
    const values = [3, 1, 2]
    median(values)
    quantile(values, 0.5)
    expect(values).to.deep.equal([3, 1, 2])
  })

  it('takes the median of the ratios, not the ratio of the medians', () => {
    // The whole machine was three times as slow in the second round.
    expect(medianRatio([20, 60, 22], [10, 30, 11])).to.equal(2)
    expect(medianRatio([10, 60, 22], [10, 10, 44])).to.equal(1)
  })

  it('compares within each round', () => {
    expect(ratios([20, 60, 22], [10, 30, 44])).to.deep.equal([2, 2, 0.5])
  })

  it('refuses a ratio of rounds that are not the same', () => {
    expect(() => medianRatio([1, 2], [1])).to.throw('as many values (2) as it has rounds to compare (1)')
  })

  it('finds the value that a part of all values does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(quantile(values, 0.99)).to.equal(99)
    expect(quantile(values, 0.5)).to.equal(50)
    expect(quantile(values, 1)).to.equal(100)
    expect(quantile(values, 0)).to.equal(1)
    expect(quantile([], 0.5)).to.be.NaN
  })

  it('fits a line through points', () => {
    expect(
      slope([
        [0, 5],
        [1, 7],
        [2, 9],
      ]),
    ).to.equal(2)
    expect(
      slope([
        [0, 4],
        [1, 6],
        [2, 4],
      ]),
    ).to.equal(0)
  })

  it('lets a late answer stand for those that would have been sent meanwhile', () => {
    // 3 500 µs stand for 2 500 and 1 500 as well.
    const { average, p50, p99 } = correctedLatency([3500, 100])
    expect(average).to.be.closeTo((3.5 + 2.5 + 1.5 + 0.1) / 4, 1e-9)
    expect(p50).to.equal(1.5)
    expect(p99).to.equal(3.5)
  })

  it('leaves quick answers as they are', () => {
    expect(correctedLatency([100, 200, 300, 400])).to.deep.equal({
      average: 0.25,
      p50: 0.2,
      p95: 0.4,
      p99: 0.4,
    })
  })
})
