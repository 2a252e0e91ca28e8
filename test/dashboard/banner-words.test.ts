import { expect } from 'chai'
import { readAddress, writeAddress } from '../../lib/dashboard/page/address.js'
import { actionOf } from '../../lib/dashboard/page/banner/chart-keys.js'
import { changeOf, shownOf } from '../../lib/dashboard/page/banner/entries.js'
import { changeWords, clicksWords } from '../../lib/dashboard/page/banner/figure-words.js'
import { parseQuestion, questionValues } from '../../lib/dashboard/page/banner/question.js'
import { isoMinute, namedRange, rangeWords } from '../../lib/dashboard/page/banner/ranges.js'
import { entryWords, hasChange } from '../../lib/dashboard/page/banner/step-words.js'
import { fittingStep } from '../../lib/dashboard/page/banner/steps.js'
import { ticksOf } from '../../lib/dashboard/page/banner/ticks.js'
import { tipSentence } from '../../lib/dashboard/page/banner/tip-words.js'
import type { RangeName, Step } from '../../lib/dashboard/page/banner/types.d.ts'
import { pan, zoomIn, zoomOut } from '../../lib/dashboard/page/banner/zoom.js'
import { Clock } from '../../lib/dashboard/page/clock.js'
import { filteredWords } from '../../lib/dashboard/page/filtered-words.js'
import { answerOf, type FakeQuestion } from './fake-clicks.ts'

const NOW_MS = Date.parse('2026-11-28T10:25:42Z')
const DAY_MS = 86_400_000
const berlin = Object.assign(new Clock(), { zone: 'Europe/Berlin' })

/** As many clicks as the hour of the day, and a bot at noon. */
const byHour = (at: Temporal.ZonedDateTime) => (at.hour === 12 ? { v: 12, bots: 1 } : { v: at.hour })
const shown = (question: Partial<FakeQuestion>, nowMs = NOW_MS) => {
  const usual = {
    from: '2026-11-26T23:00Z',
    to: '2026-11-27T23:00Z',
    step: 'hour',
    timeZone: 'Europe/Berlin',
  }
  return shownOf(answerOf(7, { ...usual, ...question } as FakeQuestion, byHour), nowMs)
}
const iso = (wallMs: number) => new Date(wallMs).toISOString().slice(0, 10)
const plain = (text: string) => text.replaceAll('\u202f', ' ')

describe('the question of the view Banner', () => {
  for (const hash of [
    '#/banner?id=7&range=7days',
    '#/banner?id=7&range=today&step=hour&compare=previous&zone=Asia/Kathmandu',
    '#/banner?id=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z&compare=year&zone=utc',
    '#/banner',
  ])
    it(`is written and read back: ${hash}`, () => {
      const { view, zone, values } = readAddress(hash)
      expect(view).to.equal('banner')
      expect(writeAddress({ view, zone, values: questionValues(parseQuestion(values)) })).to.equal(hash)
    })

  for (const [old, now] of [
    ['#banner=1&range=hour', 'id=1&range=hour'],
    ['#banner=1', 'id=1&range=hour'],
    ['#banner=7&range=week&zone=utc', 'id=7&range=7days'],
    [
      '#banner=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z',
      'id=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z',
    ],
  ])
    it(`is read from addresses of 1.0.0: ${old}`, () => {
      const { view, values } = readAddress(old!)
      expect(view).to.equal('banner')
      expect(questionValues(parseQuestion(values)).toString().replaceAll('%3A', ':')).to.equal(now)
    })

  it('is the usual one where the address makes no sense', () => {
    const { zone, values } = readAddress('#/banner?id=1&range=decade&step=blink&compare=luck&zone=mars')
    expect(zone).to.equal('local')
    expect(parseQuestion(values)).to.deep.equal({
      ...{ id: '1', range: '7days', from: '', to: '', step: '', compare: '' },
    })
  })

  const ranges: readonly (readonly [Exclude<RangeName, 'own'>, string, string, string])[] = [
    ['hour', '2026-11-28T09:26Z', '2026-11-28T10:26Z', '28 Nov 2026, 10:26 – 11:26'],
    ['today', '2026-11-27T23:00Z', '2026-11-28T23:00Z', '28 Nov 2026'],
    ['yesterday', '2026-11-26T23:00Z', '2026-11-27T23:00Z', '27 Nov 2026'],
    ['7days', '2026-11-21T23:00Z', '2026-11-28T23:00Z', '22 Nov 2026 – 28 Nov 2026'],
    // The clocks of Berlin are turned back on 25 October.
    ['30days', '2026-10-29T23:00Z', '2026-11-28T23:00Z', '30 Oct 2026 – 28 Nov 2026'],
    ['month', '2026-10-31T23:00Z', '2026-11-30T23:00Z', '1 Nov 2026 – 30 Nov 2026'],
    ['12months', '2025-11-30T23:00Z', '2026-11-30T23:00Z', '1 Dec 2025 – 30 Nov 2026'],
  ]
  for (const [name, from, to, words] of ranges)
    it(`has a range of whole steps of the zone: ${name}`, () => {
      const range = namedRange(name, NOW_MS, berlin)
      expect([isoMinute(range.fromMs), isoMinute(range.toMs)]).to.deep.equal([from, to])
      expect(rangeWords(range, berlin)).to.equal(words)
    })

  it('has the finest step that the chart has room for, unless somebody chooses one', () => {
    const steps = (widthPixels: number) =>
      [1 / 24, 1, 7, 30, 365, 3650].map(days => fittingStep(days * DAY_MS, widthPixels))
    expect(steps(330)).to.deep.equal(['minute', 'hour', 'day', 'day', 'week', 'month'])
    expect(steps(1380)).to.deep.equal(['minute', 'quarter', 'hour', 'day', 'week', 'month'])
    expect(steps(2450)).to.deep.equal(['minute', 'quarter', 'hour', 'day', 'day', 'week'])
  })
})

describe('the steps of an answer', () => {
  it('are closed, running or ahead, and the running one is not compared', () => {
    const { entries, answer } = shown(
      { from: '2026-11-27T23:00Z', to: '2026-11-28T23:00Z', compare: 'previous' },
      NOW_MS,
    )
    expect(entries.map(({ state }) => state)).to.deep.equal([
      ...[...Array(11).fill('closed'), 'running', ...Array(12).fill('ahead')],
    ])
    expect(changeOf({ answer, entries })).to.deep.equal({ isWhole: false, clicks: 55, before: 55 })
    const said = (index: number) => tipSentence(entries[index]!, { ...shown({}), answer, entries })
    expect(said(11)).to.equal(
      '28 Nov 2026, 11:00 – 12:00: 11 clicks, so far. Compared: 11 clicks, 27 Nov 2026, 11:00.',
    )
    expect(said(12)).to.equal(
      '28 Nov 2026, 12:00 – 13:00: not begun yet. Compared: 12 clicks, 27 Nov 2026, 12:00.',
    )
  })

  it('are cut where the range begins and ends', () => {
    const { entries } = shown({ from: '2026-11-27T10:10Z', to: '2026-11-27T11:40Z' })
    expect(entries.map(entry => entryWords(entry, 'hour', false))).to.deep.equal([
      '27 Nov 2026, 11:10 – 12:00',
      '27 Nov 2026, 12:00 – 12:40',
    ])
  })

  it('of a day with 25 hours are compared with the same time of the day, and have their offset', () => {
    const { entries } = shown({ from: '2026-10-24T22:00Z', to: '2026-10-25T23:00Z', compare: 'previous' })
    expect(entries).to.have.length(25)
    const words = entries.slice(2, 4).map(entry => entryWords(entry, 'hour', hasChange(entries)))
    expect(words).to.deep.equal([
      '25 Oct 2026, 02:00 – 03:00 (UTC+02:00)',
      '25 Oct 2026, 02:00 – 03:00 (UTC+01:00)',
    ])
    const compared = entries.map(({ compared }) => compared?.clicks ?? null)
    expect(compared).to.deep.equal([0, 1, 2, null, ...Array.from({ length: 21 }, (_, index) => index + 3)])
  })

  it('of a day with 23 hours leave out the hour that it does not have', () => {
    const { entries } = shown({ from: '2026-03-28T23:00Z', to: '2026-03-29T22:00Z', compare: 'previous' })
    expect(entries.map(({ clicks }) => clicks)).to.deep.equal(entries.map(({ compared }) => compared?.clicks))
    expect(entries).to.have.length(23)
  })

  it('of weeks that begin on other days are compared with those that they have most days of', () => {
    const { entries } = shown({
      from: '2025-11-30T23:00Z',
      to: '2026-11-30T23:00Z',
      step: 'week',
      compare: 'year',
    })
    const pairs = entries.slice(0, 3).map(({ wallMs, compared }) => [iso(wallMs), iso(compared!.wallMs)])
    // 1 December is a Monday in 2025, and a Sunday in 2024.
    expect(pairs).to.deep.equal([
      ['2025-12-01', '2024-12-02'],
      ['2025-12-08', '2024-12-09'],
      ['2025-12-15', '2024-12-16'],
    ])
  })

  const written: readonly (readonly [Step, string, string, string[]])[] = [
    [
      'minute',
      '2026-11-26T23:00Z',
      '2026-11-27T00:00Z',
      ['27 Nov', '00:10', '00:20', '00:30', '00:40', '00:50'],
    ],
    [
      'hour',
      '2026-11-26T23:00Z',
      '2026-11-28T23:00Z',
      ['27 Nov', '06:00', '12:00', '18:00', '28 Nov', '06:00', '12:00', '18:00'],
    ],
    ['day', '2026-11-19T23:00Z', '2026-11-29T23:00Z', ['20 Nov', '22 Nov', '24 Nov', '26 Nov', '28 Nov']],
    [
      'week',
      '2026-08-31T22:00Z',
      '2026-11-30T23:00Z',
      ['1 Sept', '14 Sept', '28 Sept', '12 Oct', '26 Oct', '9 Nov', '23 Nov'],
    ],
    ['month', '2025-11-30T23:00Z', '2026-11-30T23:00Z', ['2026', 'Mar', 'May', 'Jul', 'Sept', 'Nov']],
  ]
  for (const [step, from, to, texts] of written)
    it(`have as many times under the chart as it has room for: ${step}`, () => {
      const { entries } = shown({ step, from, to })
      expect(ticksOf(entries, step, 8).map(({ text }) => text)).to.deep.equal(texts)
    })
})

describe('ways through time', () => {
  const moments = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [isoMinute(fromMs), isoMinute(toMs)]
  const day = { fromMs: Date.parse('2026-11-26T23:00Z'), toMs: Date.parse('2026-11-27T23:00Z') }

  it('lead to half of the steps around one, and to a range twice as long that ends with the running step', () => {
    const { entries } = shown({})
    expect(moments(zoomIn(entries, 12))).to.deep.equal(['2026-11-27T05:00Z', '2026-11-27T17:00Z'])
    expect(moments(zoomIn(entries, 0))).to.deep.equal(['2026-11-26T23:00Z', '2026-11-27T11:00Z'])
    expect(moments(zoomOut(day, 'hour', NOW_MS, berlin))).to.deep.equal([
      ...['2026-11-26T10:00Z', '2026-11-28T11:00Z'],
    ])
    const past = { fromMs: day.fromMs - 9 * DAY_MS, toMs: day.toMs - 9 * DAY_MS }
    expect(moments(zoomOut(past, 'hour', NOW_MS, berlin))).to.deep.equal([
      ...['2026-11-17T11:00Z', '2026-11-19T12:00Z'],
    ])
  })

  it('lead half a range earlier or later, and keep days and months whole', () => {
    expect(moments(pan(day, 'hour', 1, berlin))).to.deep.equal(['2026-11-27T11:00Z', '2026-11-28T11:00Z'])
    const week = { fromMs: Date.parse('2026-10-25T23:00Z'), toMs: Date.parse('2026-11-01T23:00Z') }
    expect(moments(pan(week, 'day', -1, berlin))).to.deep.equal(['2026-10-21T22:00Z', '2026-10-28T23:00Z'])
    const year = { fromMs: Date.parse('2025-11-30T23:00Z'), toMs: Date.parse('2026-11-30T23:00Z') }
    expect(moments(pan(year, 'month', -1, berlin))).to.deep.equal(['2025-05-31T22:00Z', '2026-05-31T22:00Z'])
    const first = { fromMs: 0, toMs: DAY_MS }
    expect(pan(first, 'hour', -1, berlin)).to.deep.equal(first)
  })

  it('have keys, but none together with the keys of the browser', () => {
    const pressed = (key: string, held: object = {}) =>
      actionOf({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...held })
    expect(pressed('ArrowLeft')).to.deep.equal({ move: -1 })
    expect(pressed('ArrowLeft', { shiftKey: true })).to.deep.equal({ pan: -1 })
    expect(pressed('+', { shiftKey: true })).to.deep.equal({ zoom: 'in' })
    for (const held of ['altKey', 'ctrlKey', 'metaKey']) expect(pressed('-', { [held]: true })).to.equal(null)
    expect(pressed('a')).to.equal(null)
  })
})

describe('figures of the view Banner', () => {
  for (const [written, expected] of [
    [clicksWords(0), 'No click'],
    [clicksWords(1), '1 click'],
    [clicksWords(1234567), '1 234 567 clicks'],
    [filteredWords({ bots: 0, duplicates: 0 }), ''],
    [filteredWords({ bots: 1200, duplicates: 1 }), '1 200 of bots, 1 duplicate'],
    [changeWords(112, 100), '+12 %'],
    [changeWords(88, 100), '−12 %'],
    [changeWords(100, 100), 'the same'],
    [changeWords(0, 100), '−100 %'],
    [changeWords(100_001, 100_000), '+1'],
    [changeWords(5, 0), 'none before'],
    [changeWords(12_000, 100), '× 120'],
  ] as const)
    it(`are written: ${expected === '' ? 'nothing' : expected}`, () => {
      expect(plain(written)).to.equal(expected)
    })
})
