import { expect } from 'chai'
import { durationOf, endOf } from '../../../db/commands/key-options.ts'

const NOW_MS = Date.parse('2026-11-27T12:00:00Z')

describe('options of npm run keys', () => {
  it('take a time as a number with its unit', () => {
    const texts = ['0h', '10s', '30m', '24h', '90d']
    expect(texts.map(durationOf)).to.deep.equal([0, 10_000, 1_800_000, 86_400_000, 7_776_000_000])
    for (const text of ['', '1', 'd', '-1d', '1.5h', '1 d', '1D', '1w', '1000000d', '٣d'])
      expect(() => durationOf(text), text).to.throw(/^--overlap takes a number with d, h, m or s/)
  })

  it('take an end as a time from now, a date or never', () => {
    expect(endOf('never', NOW_MS)).to.equal(null)
    expect(endOf('90d', NOW_MS)).to.equal(Date.parse('2027-02-25T12:00:00Z'))
    expect(endOf('2027-01-31', NOW_MS)).to.equal(Date.parse('2027-01-31T00:00:00Z'))
    expect(endOf('2027-01-31T10:00+01:00', NOW_MS)).to.equal(Date.parse('2027-01-31T09:00:00Z'))
    for (const text of ['', 'Never', '2027-02-30', '31.1.2027', '1800000000'])
      expect(() => endOf(text, NOW_MS), text).to.throw(/^--expires takes a time from now/)
  })
})
