import { expect } from 'chai'
import { barChart } from '../../bench/report/bar-chart.ts'
import { lineChart } from '../../bench/report/line-chart.ts'
import { label } from '../../bench/report/svg.ts'

describe('charts of the bench', () => {
  it('draw bars as long as their values', () => {
    const chart = barChart('CPU', [
      { label: 'a', value: 10 },
      { label: 'b', value: 5 },
      { label: 'c', value: 0 },
    ])
    const [a, b, c] = [...chart.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
    expect(a).to.be.greaterThan(100)
    expect(b).to.be.closeTo(a! / 2, 0.1)
    expect(c).to.equal(0)
  })

  it('write names so that they stay text', () => {
    const chart = barChart('a < b & c', [{ label: '<script>', value: 1 }])
    expect(chart).to.contain('<title>a &lt; b &amp; c</title>').and.contain('&lt;script&gt;')
    expect(chart).not.to.contain('<script>')
  })

  it('can be read on light and on dark pages', () => {
    expect(barChart('', [])).to.contain('@media (prefers-color-scheme: dark)')
  })

  it('draw lines from 0, and from the first x to the last', () => {
    const chart = lineChart('RSS', 'minutes', 'MiB', [
      {
        name: 'RSS',
        points: [
          [1, 100],
          [2, 100],
          [3, 0],
        ],
      },
    ])
    const [first, second, third] = /polyline [^>]*points="([^"]+)"/
      .exec(chart)![1]!
      .split(' ')
      .map(pair => pair.split(',').map(Number))
    expect(first![1]).to.equal(second![1])
    expect(third![1]).to.be.greaterThan(first![1]!)
    expect(second![0]! - first![0]!).to.be.closeTo(third![0]! - second![0]!, 0.1)
  })

  it('draw a single point, and one of nothing, without a NaN', () => {
    expect(lineChart('', '', '', [{ name: 'x', points: [[1, 0]] }])).not.to.contain('NaN')
    expect(barChart('', [{ label: 'nothing', value: 0 }])).not.to.contain('NaN')
  })

  it('label values with the digits that count', () => {
    expect([0, 0.01234, 1.234, 12.34, 123.4, 123_456].map(label)).to.deep.equal([
      '0',
      '0.012',
      '1.23',
      '12.3',
      '123',
      '123456',
    ])
  })
})
