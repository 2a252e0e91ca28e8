import { expect } from 'chai'
import { readAddress, writeAddress } from '../../lib/dashboard/page/address.js'
import { Clock } from '../../lib/dashboard/page/clock.js'
import {
  columnsOf,
  isoMinute,
  namedRange,
  parseQuery,
  queryValues,
} from '../../lib/dashboard/page/explore-query.js'

const NOW_MS = Date.parse('2024-12-12T10:00:42Z')
const utc = Object.assign(new Clock(), { zone: 'utc' })

describe('the question in the address', () => {
  for (const hash of [
    '?banner=1&range=hour',
    '?banner=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z&zone=utc',
    '?zone=utc',
    '',
  ])
    it(`is written and read back: #/live${hash}`, () => {
      const { view, zone, values } = readAddress(`#/live${hash}`)
      expect(writeAddress({ view, zone, values: queryValues(parseQuery(values)) })).to.equal(`#/live${hash}`)
      // As it was before there were other views.
      expect(readAddress(hash.replace('?', '#'))).to.deep.equal({ view, zone, values })
    })

  it('is the last hour, in local time, when the address makes no sense', () => {
    const { view, zone, values } = readAddress('#range=decade&zone=mars')
    expect({ view, zone }).to.deep.equal({ view: 'live', zone: 'local' })
    expect(parseQuery(values)).to.deep.equal({ banner: '', range: 'hour', from: '', to: '' })
  })

  it('is a range of whole minutes, with the running one', () => {
    const range = (name: 'hour' | 'today' | 'week') => {
      const { fromMs, toMs } = namedRange(name, NOW_MS, utc)
      return [isoMinute(fromMs), isoMinute(toMs)]
    }
    expect(range('hour')).to.deep.equal(['2024-12-12T09:01Z', '2024-12-12T10:01Z'])
    expect(range('today')).to.deep.equal(['2024-12-12T00:00Z', '2024-12-12T10:01Z'])
    expect(range('week')).to.deep.equal(['2024-12-05T10:01Z', '2024-12-12T10:01Z'])
  })

  it('survives the inputs of the form, in either zone', () => {
    const minute = Date.parse('2024-12-12T10:07:00Z')
    for (const clock of [utc, new Clock()])
      expect(clock.fromInput(clock.toInput(minute)), clock.zone).to.equal(minute)
    expect(utc.toInput(minute)).to.equal('2024-12-12T10:07')
    expect(isoMinute(utc.fromInput(''))).to.equal('')
  })
})

describe('the charts’ columns', () => {
  it('have zeros beside minutes with clicks, and at both ends', () => {
    const minute = (value: number) => Date.parse('2024-12-12T10:00:00Z') + value * 60_000
    const at = (value: number, v: number) => ({ ts: new Date(minute(value)).toISOString(), v })
    const [seconds, clicks] = columnsOf([at(2, 5), at(3, 6), at(7, 8)], minute(0), minute(10))
    expect(seconds.map(second => (second * 1000 - minute(0)) / 60_000)).to.deep.equal([0, 2, 3, 4, 7, 8, 10])
    expect(clicks).to.deep.equal([0, 5, 6, 0, 8, 0, 0])
  })
})
