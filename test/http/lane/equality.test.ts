import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startSidesOnCores } from './cores.ts'
import { corpus } from './corpus/corpus.ts'
import type { Script } from './exchange.ts'
import { mutations } from './mutations.ts'
import { besideAClick, byteByByte, cutEverywhere, pairs, whole } from './scripts.ts'
import { describeDifferences, type Sides } from './sides.ts'

const SEED = Number(process.env.CLICKCOUNTER_TEST_LANE_SEED ?? 20261122)
const MUTATIONS = Number(process.env.CLICKCOUNTER_TEST_LANE_MUTATIONS ?? 20_000)

describe('the hot lane changes nothing but the cost', function () {
  this.timeout(300_000)
  let database: TestDatabase
  let sides: Sides
  before(async () => {
    database = await createTestDatabase()
    sides = await startSidesOnCores(database)
  })
  after(async () => {
    await sides.stop()
    await database.drop()
  })

  async function expectEqual(scripts: readonly Script[]): Promise<void> {
    const differences = await sides.compare(scripts)
    expect(differences.length, describeDifferences(differences)).to.equal(0)
  }

  it(`for ${corpus.length} samples: valid, odd, malicious, smuggling`, () => expectEqual(whole(corpus)))

  it('for each of them with a click before it or behind it', () => expectEqual(besideAClick(corpus)))

  it(`for 2000 of their pairs (seed ${SEED})`, () => expectEqual(pairs(corpus, 2000, SEED)))

  it('for each of them cut at every byte', () => expectEqual(cutEverywhere(corpus)))

  it('for the short ones byte by byte', () => expectEqual(byteByByte(corpus, 80)))

  it(`for ${MUTATIONS} mutations of them (seed ${SEED})`, () =>
    expectEqual(mutations(corpus, MUTATIONS, SEED)))
})
