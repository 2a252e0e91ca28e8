import { expect } from 'chai'
import { nearest } from '../../lib/base/nearest.ts'

describe('the nearest known word', () => {
  for (const [written, found] of [
    ['interval', 'interval'],
    ['intreval', 'interval'],
    ['Inter-Val', 'interval'],
    ['intervals', 'interval'],
    ['nterval', 'interval'],
    ['intervalxxx', null],
    ['xxxerval', null],
    ['', null],
    ['😀', null],
  ] as const) {
    it(`is ${found ?? 'none'} for ${JSON.stringify(written)}`, () => {
      expect(nearest(written, ['batch_size', 'interval'])).to.equal(found)
    })
  }

  it('is the one with the fewest slips', () => {
    expect(nearest('server.hots', ['server.port', 'server.host'])).to.equal('server.host')
  })
})
