import { expect } from 'chai'
import { wrongZone, zoneNamed } from '../../lib/questions/zone.ts'

const wrong = [
  '',
  ' ',
  'Europe',
  'Europe/Berln',
  'Europe/Berlin ',
  '+01:00',
  '-05',
  'Z',
  'Local',
  'UTC+1',
  'Europe/Berlin\0',
  'Europe/../Berlin',
  "UTC'; DROP TABLE click_days; --",
  '__proto__',
  'x'.repeat(10_000),
]

describe('a time zone', () => {
  it('is every name that the system lists, in its usual letters', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) {
      expect(zoneNamed(name)).to.equal(name)
      expect(zoneNamed(name.toLowerCase())).to.equal(name)
    }
  })

  it('may have an older or a technical name', () => {
    for (const name of ['UTC', 'Etc/GMT+5', 'EST5EDT', 'Asia/Katmandu', 'Europe/Kiev'])
      expect(zoneNamed(name)).to.equal(name)
  })

  for (const text of wrong)
    it(`is not ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(zoneNamed(text)).to.equal(null)
      expect(wrongZone(text)).to.match(
        /^is no time zone( \(did you mean \S+\?\))?: it must be a name such as UTC or Europe\/Berlin$/,
      )
    })

  it('that is nearly named is suggested', () => {
    expect(wrongZone('Europe/Berln')).to.match(
      /^is no time zone \(did you mean Europe\/Berlin\?\): it must be/,
    )
    expect(wrongZone('europe/pariss')).to.match(/ \(did you mean Europe\/Paris\?\): /)
    expect(wrongZone('Mars/Olympus')).to.match(/^is no time zone: /)
  })
})
