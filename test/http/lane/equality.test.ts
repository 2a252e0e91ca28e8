import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { newSeed } from '../../support/random.ts'
import type { Settings } from '../../support/settings.ts'
import { startSidesOnCores } from './cores.ts'
import { CLIENTS_IN_TURN } from './corpus/clients.ts'
import { clientsCorpus, corpus, followingCorpus, oneOfClientsCorpus } from './corpus/corpus.ts'
import { CLICK, CLICKED_ID, HOST, POST } from './corpus/parts.ts'
import type { Script } from './exchange.ts'
import { mutations } from './mutations.ts'
import { TRUSTED_CLIENTS } from './own-clients.ts'
import { besideAClick, byteByByte, cutEverywhere, inTurn, pairs, whole } from './scripts.ts'
import { sequences } from './sequences.ts'
import { describeDifferences, type Sides } from './sides.ts'

const SEED = Number(process.env.CLICKCOUNTER_TEST_LANE_SEED ?? 20261122)
const MUTATIONS = Number(process.env.CLICKCOUNTER_TEST_LANE_MUTATIONS ?? 20_000)
/** Another one in each run: a mistake in framing may need luck to be found. */
const SEQUENCES_SEED = Number(process.env.CLICKCOUNTER_TEST_LANE_SEQUENCES_SEED ?? newSeed())
const SEQUENCES = Number(process.env.CLICKCOUNTER_TEST_LANE_SEQUENCES ?? 3000)

const PAGE = `GET /health/live HTTP/1.1\r\n${HOST}\r\n`
const CLICKS = `{"clicks":[{"id":${CLICKED_ID},"count":3}]}`
const BULK = `POST /counter HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: ${CLICKS.length}\r\n\r\n${CLICKS}`
/** Out of the lane and into it again. */
const RETURNS = {
  'a page and a bulk between clicks': [CLICK, PAGE, CLICK, BULK, CLICK],
  'a page of HTTP/1.0 that keeps the connection': [
    PAGE.replace('1.1\r\n', '1.0\r\nConnection: keep-alive\r\n'),
    CLICK,
    CLICK,
  ],
  'a page that ends the connection': [PAGE.replace('Host', 'Connection: close\r\nHost'), CLICK],
  'a body that is asked for, and looks like a click': [
    `${POST}Expect: 100-continue\r\nContent-Length: ${CLICK.length}\r\n\r\n`,
    CLICK,
    CLICK,
  ],
  'a mistake that keeps the connection, and one that ends it': [
    `POST /nothing HTTP/1.1\r\n${HOST}Content-Length: ${CLICK.length}\r\n\r\n`,
    CLICK,
    CLICK,
    'mistake\r\n\r\n',
    CLICK,
  ],
}

let sides: Sides

/** Before and after the tests that this is called among. */
function useSides(isDirect: boolean, settings: Settings = {}): void {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
    sides = await startSidesOnCores(database, { isDirect, settings })
  })
  after(async () => {
    await sides.stop()
    await database.drop()
  })
}

async function expectEqual(scripts: readonly Script[]): Promise<void> {
  const differences = await sides.compare(scripts)
  expect(differences.length, describeDifferences(differences)).to.equal(0)
}

describe('the hot lane changes nothing but the cost', function () {
  this.timeout(300_000)
  useSides(true)

  it(`for ${corpus.length} samples: valid, odd, malicious, smuggling`, () => expectEqual(whole(corpus)))

  it('for each of them with a click before it or behind it', () => expectEqual(besideAClick(corpus)))

  it(`for ${followingCorpus.length} of them by /click/, and with a click before or behind`, () =>
    expectEqual([...whole(followingCorpus), ...besideAClick(followingCorpus)]))

  it(`for 2000 of their pairs (seed ${SEED})`, () => expectEqual(pairs(corpus, 2000, SEED)))

  it('for each of them cut at every byte', () => expectEqual(cutEverywhere(corpus)))

  it('for the short ones byte by byte', () => expectEqual(byteByByte(corpus, 80)))

  for (const [name, requests] of Object.entries(RETURNS))
    it(`for ${name}, cut at every byte`, () => expectEqual(inTurn(name, requests)))

  it(`for ${MUTATIONS} mutations of them (seed ${SEED})`, () =>
    expectEqual(mutations(corpus, MUTATIONS, SEED)))

  it(`for ${MUTATIONS / 4} mutations of those by /click/ (seed ${SEED})`, () =>
    expectEqual(mutations(followingCorpus, MUTATIONS / 4, SEED)))

  it(`for ${SEQUENCES} sequences of requests with requests in their bodies (seed ${SEQUENCES_SEED})`, () =>
    expectEqual(sequences(SEQUENCES, SEQUENCES_SEED)))
})

describe('nor does it on a Node that has no way past its streams', function () {
  this.timeout(300_000)
  useSides(false)

  it('for the samples', () => expectEqual(whole(corpus)))

  for (const [name, requests] of Object.entries(RETURNS))
    it(`for ${name}, cut at every byte`, () => expectEqual(inTurn(name, requests)))

  it(`for ${SEQUENCES / 10} sequences (seed ${SEQUENCES_SEED})`, () =>
    expectEqual(sequences(SEQUENCES / 10, SEQUENCES_SEED)))
})

/** Half of the clients are trusted to tell of others: see own-clients.ts. */
const CLASSED: Settings = { BOTS: 'class', DUPLICATE_WINDOW: '60', TRUSTED_PROXIES: TRUSTED_CLIENTS }
const CLICKS_PER_MINUTE = 2
const all = [...corpus, ...clientsCorpus]

describe('nor does it with bots, duplicates and limits in force', function () {
  this.timeout(300_000)
  useSides(true, { ...CLASSED, CLIENT_CLICKS_PER_MINUTE: String(CLICKS_PER_MINUTE) })

  it('for the samples', () => expectEqual(inOrder(whole(all))))

  it('for each of them with a click before it or behind it', () => expectEqual(inOrder(besideAClick(all))))

  it('for those about clients by /click/, and with a click before or behind', () => {
    const following = clientsCorpus.map(({ name, text }) => ({
      name,
      text: text.replaceAll('/counter/', '/click/'),
    }))
    return expectEqual(inOrder([...whole(following), ...besideAClick(following)]))
  })

  it(`for 1000 pairs of those (seed ${SEED})`, () => expectEqual(inOrder(pairs(clientsCorpus, 1000, SEED))))

  it('for single requests among those, cut at every byte', () =>
    expectEqual(cutEverywhere(oneOfClientsCorpus)))

  for (const [name, requests] of Object.entries(CLIENTS_IN_TURN))
    it(`for ${name}, one by one, cut at every byte`, () =>
      expectEqual(inTurn(name, requests).filter(({ cuts }) => cuts.length > 1)))
})

/**
 * Without the lane, a click may overtake a beacon on the same connection, whose body is waited for. Both are counted. But
 * where there is room for one of them only, it is another one.
 */
function inOrder(scripts: readonly Script[]): Script[] {
  return scripts.filter(
    ({ text }) => !text.includes('POST ') || text.split(' HTTP/1.').length - 1 <= CLICKS_PER_MINUTE,
  )
}

describe('nor does it with bots and duplicates in force', function () {
  this.timeout(300_000)
  useSides(true, CLASSED)

  it(`for ${MUTATIONS / 8} mutations of the samples about clients (seed ${SEED})`, () =>
    expectEqual(mutations(clientsCorpus, MUTATIONS / 8, SEED)))

  it(`for ${MUTATIONS / 8} mutations of all samples (seed ${SEED})`, () =>
    expectEqual(mutations(all, MUTATIONS / 8, SEED)))

  it(`for ${SEQUENCES / 3} sequences (seed ${SEQUENCES_SEED})`, () =>
    expectEqual(sequences(SEQUENCES / 3, SEQUENCES_SEED)))
})
