import { expect } from 'chai'
import type { Fleet, Instance } from '../../lib/dashboard/page/fleet/types.d.ts'
import {
  ago,
  finalWords,
  inOrder,
  pendingWords,
  stateWords,
  summary,
} from '../../lib/dashboard/page/fleet/words.js'

const NOW_MS = Date.parse('2026-11-28T10:00:00Z')
const usual: Instance = {
  name: 'web-1:8080',
  id: '6f1c0a52-0d6e-4b44-8a1c-0a4f5a1d0001',
  version: '1.0.0',
  state: 'serving',
  startedAt: '2026-11-28T08:00:00Z',
  seenAt: '2026-11-28T09:59:59Z',
  pending: 0,
  pendingSeconds: 0,
  finalThrough: '2026-11-28T09:59:57Z',
  advice: null,
}

function fleetOf(...instances: Partial<Instance>[]): Fleet {
  return {
    finalThrough: '2026-11-28T09:59:57Z',
    heldBackBy: [],
    instances: instances.map((instance, nth) => ({ ...usual, id: `${nth}`, ...instance })),
  }
}

const written = (atMs: number) => new Date(atMs).toISOString().slice(11, 19)
const plain = (text: string) => text.replaceAll('\u202f', ' ')

describe('the words of the view Fleet', () => {
  it('say how each instance is', () => {
    const fleet = { ...fleetOf(), heldBackBy: ['slow'] }
    const wordOf = (instance: Partial<Instance>) => stateWords({ ...usual, ...instance }, fleet)
    expect(wordOf({})).to.deep.equal({ tone: 'good', word: 'Serving' })
    expect(wordOf({ name: 'slow' })).to.deep.equal({ tone: 'warn', word: 'Lagging' })
    expect(wordOf({ name: 'slow', state: 'draining' })).to.deep.equal({ tone: 'warn', word: 'Draining' })
    expect(wordOf({ name: 'slow', state: 'lost' })).to.deep.equal({ tone: 'bad', word: 'Lost' })
    expect(wordOf({ state: 'stopped' })).to.deep.equal({ tone: 'idle', word: 'Stopped' })
    expect(wordOf({ state: 'forgotten' })).to.deep.equal({ tone: 'idle', word: 'Forgotten' })
  })

  it('name first who needs somebody, then the others by name, the newest life first', () => {
    const fleet = {
      ...fleetOf(
        { name: 'c' },
        { name: 'd', state: 'stopped' },
        { name: 'b', startedAt: '2026-11-27T08:00:00Z' },
        { name: 'b' },
        { name: 'a', state: 'draining' },
        { name: 'e' },
        { name: 'f', state: 'lost' },
      ),
      heldBackBy: ['e', 'f'],
    }
    expect(inOrder(fleet).map(({ id }) => id)).to.deep.equal(['6', '5', '4', '3', '2', '0', '1'])
  })

  it('sum up who serves, and what the lost ones have', () => {
    expect(summary(fleetOf())).to.equal('0 instances serve.')
    expect(summary(fleetOf({}))).to.equal('1 instance serves.')
    expect(summary(fleetOf({}, {}, { state: 'draining' }))).to.equal('2 instances serve.')
    expect(summary(fleetOf({}, { state: 'lost' }))).to.equal(
      '1 instance serves. 1 is lost, with no click waiting at the last word.',
    )
    const lost = fleetOf({}, { state: 'lost', pending: 1200 }, { state: 'lost', pending: 1 })
    expect(plain(summary(lost))).to.equal(
      '1 instance serves. 2 are lost, with 1 201 clicks waiting at the last word.',
    )
  })

  it('say up to when answers have each click, and who holds that back', () => {
    const fleet = fleetOf({})
    expect(plain(finalWords(fleet, NOW_MS, written))).to.equal(
      'Answers have every click that came before 09:59:57, 3 s ago.',
    )
    expect(plain(finalWords({ ...fleet, heldBackBy: ['a', 'b'] }, NOW_MS, written))).to.match(
      /3 s ago\. Held back by a, b\.$/,
    )
    expect(finalWords({ ...fleet, finalThrough: null }, NOW_MS, written)).to.equal(
      'No instance has told yet up to when its clicks are stored.',
    )
  })

  it('say what waits, and for how long', () => {
    expect(pendingWords(usual)).to.deep.equal(['none', ''])
    expect(pendingWords({ ...usual, pending: 12_345, pendingSeconds: 125 }).map(plain)).to.deep.equal([
      '12 345',
      'for 2 min 5 s',
    ])
    expect(plain(ago(NOW_MS - 61_000, NOW_MS))).to.equal('1 min 1 s ago')
  })
})
