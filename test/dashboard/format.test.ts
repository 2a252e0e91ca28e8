import { expect } from 'chai'
import {
  bytes,
  count,
  duration,
  milliseconds,
  percent,
  rate,
  scaleLabel,
} from '../../lib/dashboard/page/format.js'

/** Written, with plain spaces. */
const cases = [
  [count(1_234_567), '1 234 567'],
  [count(null), '–'],
  [rate(0.3), '0.3'],
  [rate(5), '5'],
  [rate(1234.6), '1 235'],
  [milliseconds(0.191), '0.19'],
  [milliseconds(12.34), '12.3'],
  [milliseconds(0), '0'],
  [percent(3.14), '3.1'],
  [percent(54.4), '54'],
  [bytes(999), '999 B'],
  [bytes(92_200), '92.2 kB'],
  [bytes(276_800_000), '277 MB'],
  [duration(0.4), '0 s'],
  [duration(42), '42 s'],
  [duration(3605), '1 h'],
  [duration(7503), '2 h 5 min'],
  [duration(90_061), '1 d 1 h'],
  [scaleLabel(0.1), '0.1'],
  [scaleLabel(8000), '8000'],
  [scaleLabel(120_000), '120k'],
  [scaleLabel(2_500_000), '2.5M'],
] as const

describe('figures', () => {
  for (const [written, expected] of cases)
    it(`are written as ${expected}`, () => {
      expect(written.replaceAll('\u202f', ' ')).to.equal(expected)
    })
})
