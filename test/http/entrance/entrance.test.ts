import { expect } from 'chai'
import { JournalError, RingFullError } from '../../../lib/base/errors.ts'
import { VALID } from '../../../lib/rows/classes.ts'
import { TestBanners } from '../../support/banners.ts'
import { parseAnswers } from '../lane/answers.ts'
import { Client } from '../lane/client.ts'
import { startLane, until } from '../lane/server.ts'

const COUNTED = [7, VALID, 1]
const banners = new TestBanners().put(7, { target: 'https://shop.example/' }).forThread()
const SHOP = 'https://shop.example'

interface Case {
  readonly method?: string
  readonly target?: string
  readonly fields?: readonly string[]
  readonly body?: string
  /** The recorder refuses with it. */
  readonly error?: () => Error
  readonly status: number
  /** What the recorder gets. */
  readonly recorded: readonly (readonly number[])[]
  readonly ignored?: number
  /** The origin that the answer lets read it. null: it lets none. */
  readonly origin?: string | null
  /** false: the lane leaves it to Node's parser. */
  readonly isInLane?: boolean
}

/** Every rule of the entrance, in force and not. */
const cases: Record<string, Case> = {
  'a click': { status: 204, recorded: [COUNTED] },
  'a click with a query': { target: '/counter/7?a=b', status: 204, recorded: [COUNTED] },
  'a click of a page': { fields: [`Origin: ${SHOP}`], status: 204, recorded: [COUNTED], origin: SHOP },
  'a click of a page without an origin': {
    fields: ['Origin: null'],
    status: 204,
    recorded: [COUNTED],
    origin: 'null',
  },
  'what is no origin': { fields: ['Origin: shop'], status: 204, recorded: [COUNTED], isInLane: false },
  'a prefetch': ignored('Sec-Purpose: prefetch;prerender'),
  'a prefetch of older browsers': ignored('Purpose: prefetch'),
  'a preview': ignored('X-Purpose: preview'),
  'a prefetch of older Firefox': ignored('X-Moz: prefetch'),
  'a purpose that is no prefetch': {
    fields: ['Purpose: click'],
    status: 204,
    recorded: [COUNTED],
    isInLane: false,
  },
  'a click while the ring is full': refused(() => new RingFullError()),
  'a click while the journal fails': refused(() => new JournalError(new Error('no space left'))),
  'a click while the backlog is full': refused(() => new JournalError()),
  'a beacon': { method: 'POST', status: 204, recorded: [COUNTED] },
  'a beacon of a page': {
    method: 'POST',
    fields: [`Origin: ${SHOP}`, 'Content-Type: text/plain;charset=UTF-8', 'Content-Length: 3'],
    body: 'abc',
    status: 204,
    recorded: [COUNTED],
    origin: SHOP,
  },
  'a beacon of chunks': {
    method: 'POST',
    fields: ['Transfer-Encoding: chunked'],
    body: '0\r\n\r\n',
    status: 204,
    recorded: [COUNTED],
    isInLane: false,
  },
  'a pixel': { target: '/counter/7.gif?a=b', status: 200, recorded: [COUNTED] },
  'an id with a zero in front': wrong('/counter/07'),
  'an id that is too large': wrong('/counter/2147483648'),
  'an id that is none': wrong('/counter/undefined?a=b'),
  'an id of a pixel that is none': wrong('/counter/0.gif'),
  'a pixel without an id': wrong('/counter/.gif'),
  'an id that is encoded': { ...wrong('/counter/%30'), isInLane: false },
  'a beacon of a wrong id': { ...wrong('/counter/0'), method: 'POST' },
  'a path that is not there': missing('/counter/7/8'),
  'a path without an id': missing('/counter/'),
  'a path that is another one': { ...missing('/counter/./7/8'), isInLane: false },
  'another method': { ...missing('/counter/7'), method: 'PUT', status: 405 },
  'another method, with a body': {
    ...missing('/counter/x'),
    method: 'DELETE',
    fields: ['Content-Length: 3'],
    body: 'abc',
    status: 405,
  },
  'another method for a pixel': { ...missing('/counter/7.gif'), method: 'POST', status: 405 },
  'a click that leads on': following({}),
  'a click that leads on, with a query': following({ target: '/click/7?a=b' }),
  'a click that leads on while the ring is full': {
    ...refused(() => new RingFullError()),
    target: '/click/7',
  },
  'a click that leads on while the journal fails': {
    ...refused(() => new JournalError(new Error('no space left'))),
    target: '/click/7',
  },
  'a click that leads on while the backlog is full': {
    ...refused(() => new JournalError()),
    target: '/click/7',
  },
  'a prefetch of a click that leads on': {
    ...ignored('Sec-Purpose: prefetch'),
    target: '/click/7',
    status: 302,
  },
  'a click that leads on, with a wrong id': wrong('/click/07'),
  'a click that leads on, with no id': wrong('/click/7.gif'),
  'a path below it that is not there': missing('/click/7/8'),
  'another method for a click that leads on': { ...missing('/click/7'), method: 'POST', status: 405 },
  'a method that is rare': { ...missing('/counter/7'), method: 'PROPFIND', status: 405, isInLane: false },
}

function ignored(field: string): Case {
  const fields = [field, `Origin: ${SHOP}`]
  return { fields, status: 204, recorded: [], ignored: 1, origin: SHOP, isInLane: false }
}

function wrong(target: string): Case {
  return { target, fields: [`Origin: ${SHOP}`], status: 400, recorded: [], origin: SHOP }
}

/** No page may read the answer: there is nothing for it to count by. */
function missing(target: string): Case {
  return { target, fields: [`Origin: ${SHOP}`], status: 404, recorded: [], origin: null }
}

function following(more: Partial<Case>): Case {
  return {
    target: '/click/7',
    fields: [`Origin: ${SHOP}`],
    status: 302,
    recorded: [COUNTED],
    origin: SHOP,
    ...more,
  }
}

function refused(error: () => Error): Case {
  return { fields: [`Origin: ${SHOP}`], error, status: 503, recorded: [COUNTED], origin: SHOP }
}

async function outcomeOf(given: Case, isHotLaneOn: boolean) {
  const { method = 'GET', target = '/counter/7', fields = [], body = '', error } = given
  const recorded: number[][] = []
  const record = (...click: number[]) => {
    recorded.push(click)
    return error === undefined ? Promise.resolve() : Promise.reject(error())
  }
  const server = await startLane({ recorder: { record }, isHotLaneOn, banners })
  const client = new Client(server.port, 'client')
  try {
    const lines = [`${method} ${target} HTTP/1.1`, 'Host: counter', ...fields, '', body]
    client.send(Buffer.from(lines.join('\r\n'), 'latin1'))
    await until('the answer in the books', () => server.booked('requests') === 1)
    await until('the answer', () => parseAnswers(client.received)[0]?.status.startsWith('HTTP') ?? false)
    return {
      text: client.received.replace(/^date: .*$/im, 'date'),
      recorded,
      ignored: server.booked('ignoredPrefetch'),
      told: server.failures.map(failure => failure.error.message),
      isInLane: server.requests() === 0,
    }
  } finally {
    client.drop()
    await server.stop()
  }
}

describe('the entrance', () => {
  for (const [name, given] of Object.entries(cases))
    it(`gives ${name} the same class, record and answer in the lane and by Hapi's route`, async () => {
      const { isInLane, ...inLane } = await outcomeOf(given, true)
      const { isInLane: isOffInLane, ...byRoute } = await outcomeOf(given, false)
      expect([isInLane, isOffInLane]).to.deep.equal([given.isInLane ?? true, false])
      expect(inLane).to.deep.equal(byRoute)
      expect(inLane.recorded).to.deep.equal(given.recorded)
      expect(inLane.ignored).to.equal(given.ignored ?? 0)
      const [answer] = parseAnswers(inLane.text)
      expect(answer!.status.split(' ')[1]).to.equal(String(given.status))
      const { origin = '*' } = given
      const readers = answer!.headers.filter(header => header.startsWith('access-control-allow-origin:'))
      expect(readers).to.deep.equal(origin === null ? [] : [`access-control-allow-origin: ${origin}`])
    })
})
