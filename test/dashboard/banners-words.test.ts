import { expect } from 'chai'
import { readAddress, writeAddress } from '../../lib/dashboard/page/address.js'
import { days } from '../../lib/dashboard/page/banners/clicks.js'
import { differencesOf, verbOf } from '../../lib/dashboard/page/banners/difference.js'
import { changeOf, emptyTexts, fieldOf, mergeTexts } from '../../lib/dashboard/page/banners/fields.js'
import { noFilters } from '../../lib/dashboard/page/banners/filters.js'
import { previewWords, typeOf } from '../../lib/dashboard/page/banners/import-words.js'
import { parsePosition, positionValues, turn } from '../../lib/dashboard/page/banners/position.js'
import { snippets } from '../../lib/dashboard/page/banners/snippets.js'
import { stateOf } from '../../lib/dashboard/page/banners/states.js'
import { mayWrite, nothingWords, shownWords, writingLine } from '../../lib/dashboard/page/banners/words.js'
import { Clock } from '../../lib/dashboard/page/clock.js'
import type { Session } from '../../lib/dashboard/page/types.d.ts'

const utc = Object.assign(new Clock(), { zone: 'utc' })

describe('the address of the list of banners', () => {
  for (const hash of [
    '#/banners',
    '#/banners?q=a+b%26c&campaign=autumn&label=top&state=inactive&after=YWZ0ZXI',
    '#/banners?state=active&zone=utc',
  ])
    it(`is written and read back: ${hash}`, () => {
      const { view, zone, values } = readAddress(hash)
      expect(view).to.equal('banners')
      const again = positionValues(parsePosition(values, null))
      expect(writeAddress({ view, zone, values: again })).to.equal(hash)
    })

  it('is of the first page of all banners when it makes no sense', () => {
    const { values } = readAddress('#/banners?state=odd&page=7')
    expect(parsePosition(values, 'odd')).to.deep.equal({ filters: noFilters, after: '', trail: [] })
    expect(readAddress('#/bannersandmore').view).to.equal('overview')
  })

  it('leads from page to page and back, by the pages that were shown', () => {
    const first = { filters: noFilters, after: '', trail: [] }
    const second = turn(first, 'next', 'b')!
    const third = turn(second, 'next', 'c')!
    expect(third).to.deep.equal({ filters: noFilters, after: 'c', trail: ['', 'b'] })
    expect(turn(third, 'previous', null)).to.deep.equal(second)
    expect(turn(third, 'first', 'd')).to.deep.equal(first)
    expect([
      turn(third, 'next', null),
      turn(first, 'previous', 'b'),
      turn(first, 'first', 'b'),
    ]).to.deep.equal([null, null, null])
    expect(turn({ ...third, trail: [] }, 'previous', null)).to.equal(null)
  })
})

describe('what the view Banners says', () => {
  const banner = (change: object) => ({ isActive: true, activeFrom: null, activeUntil: null, ...change })
  const [before, now, after] = ['2026-11-27T09:59:59Z', '2026-11-27T10:00:00Z', '2026-11-27T10:00:01Z']

  it('of a state has the bounds of the service', () => {
    const cases = [
      [{}, 'active'],
      [{ isActive: false, activeFrom: after }, 'inactive'],
      [{ activeFrom: now }, 'active'],
      [{ activeFrom: after }, 'early'],
      [{ activeUntil: after }, 'active'],
      [{ activeUntil: now }, 'ended'],
      [{ activeFrom: before, activeUntil: now }, 'ended'],
    ] as const
    for (const [change, state] of cases)
      expect(stateOf(banner(change), Date.parse(now)), JSON.stringify(change)).to.equal(state)
  })

  it('of today and yesterday fits days of 23 and of 25 hours', () => {
    const clock = Object.assign(new Clock(), { zone: 'Europe/Berlin' })
    const hours = (time: string) => {
      const { yesterdayMs, todayMs, endMs } = days(Date.parse(time), clock)
      return [todayMs - yesterdayMs, endMs - todayMs].map(ms => ms / 3_600_000)
    }
    expect(hours('2026-11-27T10:07:30Z')).to.deep.equal([24, 11 + 8 / 60])
    expect(hours('2026-10-26T10:00:00Z')).to.deep.equal([25, 11 + 1 / 60])
    expect(hours('2026-03-30T10:00:00Z')).to.deep.equal([23, 12 + 1 / 60])
    expect(hours('2026-03-29T10:00:00Z')).to.deep.equal([24, 11 + 1 / 60])
  })

  const session: Session = { known: true, open: false, name: 'Ada', scopes: ['read', 'manage'], until: null }
  for (const [what, change, words] of [
    ['may change', {}, /^$/],
    ['may read', { scopes: ['read'] }, /has not the scope manage/],
    ['is not logged in', { name: null, scopes: [] }, /log in with a key that has the scope manage/],
    ['is open', { open: true, name: null, scopes: ['count', 'read'] }, /`npm run keys -- create` makes one/],
    ['is unknown', { known: false, name: null, scopes: ['count'] }, /not known yet/],
  ] as const)
    it(`of writing fits who ${what}`, () => {
      const who: Session = { ...session, ...change }
      expect(writingLine(who)).to.match(words)
      expect(mayWrite(who)).to.equal(writingLine(who) === '')
    })

  it('of a list tells how much of it is there', () => {
    const shown = { rowCount: 50, hasMore: true, isLater: false, isFiltered: false }
    expect(shownWords(shown)).to.equal('50 banners, and more follow')
    expect(shownWords({ ...shown, isLater: true, hasMore: false })).to.equal('50 more banners')
    expect(shownWords({ rowCount: 1, hasMore: false, isLater: false, isFiltered: true })).to.equal(
      '1 banner that matches',
    )
    const nothing = { isLater: false, isFiltered: false, canWrite: true }
    expect(nothingWords(nothing).words).to.match(/Add the first one, or import a file\.$/)
    expect(nothingWords({ ...nothing, canWrite: false }).words).not.to.match(/Add/)
  })

  it('of a file goes by its name', () => {
    expect(
      ['a.csv', 'b.JSON', 'c.d.ndjson', 'e.jsonl', 'csv', 'f.txt', '.constructor'].map(typeOf),
    ).to.deep.equal([
      ...[
        'text/csv',
        'application/json',
        'application/x-ndjson',
        'application/x-ndjson',
        'text/csv',
        null,
        null,
      ],
    ])
    expect(previewWords({ created: 0, changed: 0, unchanged: 0, sample: [] })).to.match(/no banner/)
  })
})

describe('the form of a banner', () => {
  it('sends the fields that were changed, as the service has them', () => {
    const texts = {
      ...{
        name: ' a ',
        target: ' ',
        campaign: 'c',
        labels: ' x y \n\nz',
        passQuery: ' a  b ',
        isActive: 'false',
      },
      ...{ activeFrom: '2026-12-01T00:00', activeUntil: '' },
    }
    expect(changeOf(texts, emptyTexts, utc)).to.deep.equal({
      ...{ name: 'a', target: null, campaign: 'c', labels: ['x y', 'z'], passQuery: ['a', 'b'] },
      ...{ isActive: false, activeFrom: '2026-12-01T00:00:00.000Z' },
    })
    expect(changeOf(emptyTexts, texts, utc)).to.include({ activeFrom: null, isActive: true, campaign: null })
    expect(changeOf(texts, texts, utc)).to.deep.equal({})
  })

  it('takes in what somebody else has changed, and leaves what both have changed to the reader', () => {
    const base = { ...emptyTexts, name: 'a', target: 'b', campaign: 'c', labels: 'd' }
    const mine = { ...base, target: 'mine', campaign: 'both', labels: 'mine' }
    const theirs = { ...base, name: 'theirs', campaign: 'both', labels: 'theirs' }
    expect(mergeTexts({ base, mine, theirs })).to.deep.equal({
      texts: { ...base, name: 'theirs', target: 'mine', campaign: 'both', labels: 'mine' },
      taken: ['name'],
      disputed: ['labels'],
    })
  })

  it('knows the field that a message is about', () => {
    const cases = [
      ['"labels[1]" has 1 to 50 characters', 'labels'],
      ['the target holds a backslash: the body is of the form {"name":"a"}', 'target'],
      ['"01": a banner id is a whole number from 1 to 2147483647', 'id'],
      ['"lable" is no field of a banner: they are id, name', null],
      ['the database is away', null],
    ] as const
    for (const [message, field] of cases) expect(fieldOf(message), message).to.equal(field)
  })
})

describe('a change of a banner', () => {
  it('is told by the fields that it changed', () => {
    const change = {
      before: { target: 'https://a.example/', labels: ['x'], isActive: true, activeUntil: null },
      after: { target: null, labels: ['x', 'y'], isActive: false, activeUntil: '2026-12-01T00:00:00Z' },
    }
    expect(verbOf(change)).to.equal('changed it')
    expect(differencesOf(change, utc).map(({ name, before, after }) => [name, before, after])).to.deep.equal([
      ['Target', 'https://a.example/', 'nothing'],
      ['Labels', 'x', 'x, y'],
      ['Active', 'yes', 'no'],
      ['Active until', 'nothing', '1 Dec 2026, 00:00'],
    ])
  })

  it('from nothing, or to nothing, is told so', () => {
    const made = { before: null, after: { name: 'a', target: null, labels: [], isActive: true } }
    expect(verbOf(made)).to.equal('registered it')
    expect(differencesOf(made, utc).map(({ name, after }) => `${name}: ${after}`)).to.deep.equal([
      'Name: a',
      'Active: yes',
    ])
    const gone = { before: { name: 'a' }, after: null }
    expect([verbOf(gone), differencesOf(gone, utc)]).to.deep.equal(['deleted it', []])
  })
})

describe('code for pages', () => {
  it('is HTML, whatever a name holds, and leads where the banner leads', () => {
    const name = '<b> & "c" \'d\''
    const [link, script, image] = snippets(
      { id: 7, name, target: 'https://shop.example/?a=1&b="' },
      'https://count.example/',
    )
    const words = "&lt;b&gt; &amp; &quot;c&quot; 'd'"
    expect(link!.code).to.equal(`<a href="https://count.example/click/7">${words}</a>`)
    expect(script!.code.split('\n')).to.deep.equal([
      '<script async src="https://count.example/clickcounter.js"></script>',
      `<a href="https://shop.example/?a=1&amp;b=&quot;" data-banner="7">${words}</a>`,
    ])
    expect(image!.code).to.equal('<img src="https://count.example/counter/7.gif" alt="">')
  })

  it('has no target that only the service can fill in', () => {
    for (const target of [null, 'https://shop.example/?c={click_id}'])
      expect(snippets({ id: 7, name: 'a', target }, 'https://c.example/')[1]!.code).to.include(
        '<a href="https://…"',
      )
  })
})
