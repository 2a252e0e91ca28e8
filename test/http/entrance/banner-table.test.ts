import { expect } from 'chai'
import { TestBanners } from '../../support/banners.ts'
import { parseAnswers } from '../lane/answers.ts'
import { Client } from '../lane/client.ts'
import { startLane, until } from '../lane/server.ts'

const TARGET = 'https://shop.example/autumn'
const FALLBACK = 'https://shop.example/'
const HOUR_MS = 3_600_000
const nowMs = Date.now()

/** The states of a banner, each with banners that are in it. */
const STATES = {
  'active, with a target': [1, 2, 3],
  'active, without a target': [11],
  'not active': [21, 22, 23],
  unknown: [31],
}
type State = keyof typeof STATES

function registered(): TestBanners {
  const target = TARGET
  return new TestBanners()
    .put(1, { target })
    .put(2, { target, activeFromMs: nowMs - HOUR_MS })
    .put(3, { target, activeFromMs: nowMs - HOUR_MS, activeUntilMs: nowMs + HOUR_MS })
    .put(11)
    .put(21, { target, isActive: false })
    .put(22, { target, activeFromMs: nowMs + HOUR_MS })
    .put(23, { target, activeUntilMs: nowMs - HOUR_MS })
}

/** What becomes of a click: its books, and its status or where it leads. */
type Cell = readonly [fate: 'counted' | 'inactive' | 'unknown' | 'nothing', answer: number | string]

interface Row {
  readonly settings?: Readonly<Record<string, string>>
  readonly isKnown?: boolean
  readonly state: State
  readonly counter: Cell
  readonly click: Cell
}

const REFUSE = { UNKNOWN_BANNERS: 'refuse' }
const LEADING = { CLICK_FALLBACK_URL: FALLBACK }
const counted: Cell = ['counted', 204]

/** The table of the contract, cell by cell. */
const ROWS: readonly Row[] = [
  { state: 'active, with a target', counter: counted, click: ['counted', TARGET] },
  {
    state: 'active, with a target',
    settings: { ...LEADING, ...REFUSE },
    counter: counted,
    click: ['counted', TARGET],
  },
  { state: 'active, without a target', counter: counted, click: ['unknown', 404] },
  { state: 'active, without a target', settings: LEADING, counter: counted, click: ['counted', FALLBACK] },
  { state: 'active, without a target', settings: REFUSE, counter: counted, click: ['unknown', 404] },
  { state: 'not active', counter: ['inactive', 204], click: ['inactive', 404] },
  { state: 'not active', settings: LEADING, counter: ['inactive', 204], click: ['inactive', FALLBACK] },
  { state: 'not active', settings: REFUSE, counter: ['inactive', 204], click: ['inactive', 404] },
  { state: 'unknown', counter: counted, click: ['unknown', 404] },
  { state: 'unknown', settings: LEADING, counter: counted, click: ['counted', FALLBACK] },
  { state: 'unknown', settings: REFUSE, counter: ['unknown', 404], click: ['unknown', 404] },
  {
    state: 'unknown',
    settings: { ...LEADING, ...REFUSE },
    counter: ['unknown', 404],
    click: ['unknown', FALLBACK],
  },
  ...[{}, REFUSE].flatMap((settings): Row[] => [
    { state: 'unknown', isKnown: false, settings, counter: counted, click: ['nothing', 503] },
    {
      state: 'unknown',
      isKnown: false,
      settings: { ...settings, ...LEADING },
      counter: counted,
      click: ['counted', FALLBACK],
    },
  ]),
]

/** By what a click comes. */
const FORMS = [
  { method: 'GET', target: (id: number) => `/counter/${id}`, column: 'counter' },
  { method: 'POST', target: (id: number) => `/counter/${id}`, column: 'counter' },
  { method: 'GET', target: (id: number) => `/counter/${id}.gif`, column: 'counter', isPixel: true },
  { method: 'GET', target: (id: number) => `/click/${id}?gclid=1`, column: 'click' },
] as const

/** How it comes, and whether it may count then. */
const WAYS = [
  { fields: [], mayCount: true, isInLane: true },
  { fields: ['Accept: text/html', 'Origin: null'], mayCount: true, isInLane: true },
  { fields: ['Sec-Purpose: prefetch'], mayCount: false, isInLane: false },
  { fields: [], isHead: true, mayCount: false, isInLane: false },
] as const

const IGNORED = ['ignoredUnknown', 'ignoredInactive', 'ignoredPrefetch'] as const

/** A server, and a way to ask it that tells what has come of it. */
async function open({ isKnown = true, settings = {} }: Row, isHotLaneOn: boolean) {
  const banners = isKnown ? registered() : new TestBanners()
  banners.isKnown = isKnown
  let recorded: number[] = []
  const record = (bannerId: number) => {
    recorded.push(bannerId)
    return Promise.resolve()
  }
  const server = await startLane({
    recorder: { record },
    isHotLaneOn,
    banners: banners.forThread(),
    settings,
  })
  async function ask(method: string, target: string, fields: readonly string[]) {
    recorded = []
    const booked = IGNORED.map(name => server.booked(name))
    const requests = server.requests()
    const client = new Client(server.port, target)
    client.send(
      Buffer.from([`${method} ${target} HTTP/1.1`, 'Host: counter', ...fields, '', ''].join('\r\n')),
    )
    await until('the answer', () => parseAnswers(client.received)[0]?.status.startsWith('HTTP') ?? false)
    client.drop()
    return {
      isInLane: server.requests() === requests,
      text: client.received.replace(/^date: .*$/im, 'date'),
      recorded,
      ignored: IGNORED.map((name, nth) => server.booked(name) - booked[nth]!),
    }
  }
  return { ask, stop: () => server.stop() }
}

/** What is booked of a click that comes in some way: unknown, inactive, prefetches. */
function ignoredOf(fate: Cell[0], way: (typeof WAYS)[number]): number[] {
  if (!way.mayCount) return [0, 0, 'isHead' in way ? 0 : 1]
  return [fate === 'unknown' ? 1 : 0, fate === 'inactive' ? 1 : 0, 0]
}

describe('the table of banners and clicks', () => {
  for (const row of ROWS) {
    const { state, isKnown = true, settings = {} } = row
    const name = `${isKnown ? state : 'nothing known of banners'} ${JSON.stringify(settings)}`
    it(`holds in the lane and by Hapi's route, byte for byte: ${name}`, async () => {
      const [on, off] = await Promise.all([open(row, true), open(row, false)])
      for (const bannerId of STATES[state])
        for (const { method, target, column, ...form } of FORMS)
          for (const way of WAYS) {
            if ('isHead' in way && method === 'POST') continue
            const [fate, answer] = row[column]
            const request = ['isHead' in way ? 'HEAD' : method, target(bannerId), way.fields] as const
            const { isInLane, ...inLane } = await on.ask(...request)
            const { isInLane: isOffInLane, ...byRoute } = await off.ask(...request)
            const what = request.join(' ')
            expect([isInLane, isOffInLane], what).to.deep.equal([way.isInLane, false])
            expect(inLane, what).to.deep.equal(byRoute)
            expect(inLane.recorded, what).to.deep.equal(fate === 'counted' && way.mayCount ? [bannerId] : [])
            expect(inLane.ignored, what).to.deep.equal(ignoredOf(fate, way))
            const [head, body] = inLane.text.split('\r\n\r\n') as [string, string]
            const status =
              typeof answer === 'string' ? 302 : 'isPixel' in form && answer === 204 ? 200 : answer
            expect(head, what)
              .to.match(new RegExp(`^HTTP/1.1 ${status} `))
              .and.match(/^cache-control: no-store$/m)
            const location = /^location: (.*)$/m.exec(head)?.[1] ?? null
            expect(location, what).to.equal(typeof answer === 'string' ? answer : null)
            expect(/^x-robots-tag: noindex$/m.test(head), what).to.equal(status === 302)
            if ('isHead' in way || status === 204 || status === 302) expect(body, what).to.equal('')
            else expect(body, what).not.to.equal('')
          }
      await Promise.all([on.stop(), off.stop()])
    })
  }
})
