import { expect } from 'chai'
import { readAddress, writeAddress } from '../../lib/dashboard/page/address.js'

describe('an address of the page', () => {
  for (const [hash, view, zone, written = hash] of [
    ['#/', 'overview', 'local'],
    ['#/?zone=utc', 'overview', 'utc'],
    ['#/live', 'live', 'local'],
    ['#/banners?q=sale&zone=Asia/Kathmandu', 'banners', 'Asia/Kathmandu'],
    ['#/banner?id=7', 'banner', 'local'],
    ['#/fleet?zone=utc', 'fleet', 'utc'],
    ['', 'overview', 'local', '#/'],
    ['#', 'overview', 'local', '#/'],
    // Before there were views.
    ['#zone=utc', 'overview', 'utc', '#/?zone=utc'],
    ['#/nowhere?q=1', 'overview', 'local', '#/'],
  ] as const)
    it(`leads to a view, and is written by it: ${hash}`, () => {
      const address = readAddress(hash)
      expect({ view: address.view, zone: address.zone }).to.deep.equal({ view, zone })
      if (address.view !== 'overview') expect(writeAddress(address)).to.equal(written)
      else expect(writeAddress({ ...address, values: new URLSearchParams() })).to.equal(written)
    })
})
