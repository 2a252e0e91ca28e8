import { expect } from 'chai'
import fc from 'fast-check'
import { STOP_FLUSHES } from '../../db/history/locks.ts'
import { underOwnKey } from '../../lib/journal/keep/aside-bulks.ts'
import { BOT, VALID } from '../../lib/rows/classes.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import { expectBalanced, readBalance } from '../support/balance.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { keyed } from '../support/keyed.ts'
import { COMMIT_FATES, type CommitFate } from './faulty-client.ts'
import { CLICKED_BANNER, Instance, MINUTE } from './keyed-instance.ts'

const INSTANCES = 2
const KEYS = 4
const CONTENTS = 3
const TABLES = ['click_minutes', 'click_ledger', 'bulk_keys']

type Step =
  | { readonly kind: 'deliver'; readonly at: number; readonly key: number; readonly content: number }
  | { readonly kind: 'click' | 'collect' | 'store' | 'kill'; readonly at: number }
  | { readonly kind: 'fate'; readonly at: number; readonly fate: CommitFate }
  | { readonly kind: 'copy' }
  | { readonly kind: 'go back' }

const at = fc.integer({ min: 0, max: INSTANCES - 1 })
const content = fc.integer({ min: 0, max: 9 }).map(die => (die < 8 ? 0 : die - 7))
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      at,
      key: fc.integer({ min: 0, max: KEYS - 1 }),
      content,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('click', 'collect', 'store', 'store'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('fate' as const), at, fate: fc.constantFrom(...COMMIT_FATES) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'copy' } as const, { kind: 'go back' } as const) },
)

describe('keyed bulks that are sent to two instances', function () {
  this.timeout(60_000)
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    for (const table of TABLES) await database.query(`CREATE TABLE copy_of_${table} (LIKE ${table})`)
  })
  afterEach(() => database.drop())

  it('count once, over lost answers to COMMIT, kills and a database that goes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 20, maxLength: 60 }),
        fc.boolean(),
        async (steps, isCompacting) => {
          await database.query(`TRUNCATE ${[...TABLES, ...TABLES.map(name => `copy_of_${name}`)].join(', ')}`)
          await using world = new World(database, isCompacting)
          for (const step of steps) await world.take(step)
          await world.end()
        },
      ),
      { numRuns: 12 },
    )
  })
})

/** Two instances that share a database, and what must become of all that they have acknowledged. */
class World {
  readonly #database: TestDatabase
  readonly #instances: Instance[]
  readonly #acknowledged = new Map<number, Set<number>>()
  #clicks = 0

  constructor(database: TestDatabase, isCompacting: boolean) {
    this.#database = database
    this.#instances = Array.from({ length: INSTANCES }, () => new Instance(database, isCompacting))
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'copy') await this.#copyTables('', 'copy_of_')
    else if (step.kind === 'go back') await this.#copyTables('copy_of_', '')
    else {
      const instance = this.#instances[step.at]!
      if (step.kind === 'fate') instance.fates.push(step.fate)
      else if (step.kind === 'kill') instance.kill()
      else if (step.kind === 'deliver') await this.#deliver(instance, step.key, step.content)
      else if (step.kind === 'click') await this.#click(instance)
      else await instance.flush(step.kind === 'store' ? 'stored' : 'collected')
    }
    for (const { life } of this.#instances) expectBalanced(life.memory)
  }

  async #deliver(instance: Instance, key: number, content: number): Promise<void> {
    await instance.deliver(bulkOf(key, content))
    const contents = this.#acknowledged.get(key) ?? new Set()
    this.#acknowledged.set(key, contents.add(content))
  }

  async #click(instance: Instance): Promise<void> {
    await instance.click()
    this.#clicks++
  }

  /** Before the first copy, there is nothing in it. */
  async #copyTables(from: string, to: string): Promise<void> {
    const copies = TABLES.map(name => `INSERT INTO ${to}${name} SELECT * FROM ${from}${name}`)
    // Flushes go on in the background, after a fate. None is half-way while the tables are copied.
    await this.#database.query(
      `BEGIN; ${STOP_FLUSHES}; TRUNCATE ${TABLES.map(name => to + name).join(', ')}; ${copies.join('; ')}; COMMIT`,
    )
  }

  async end(): Promise<void> {
    // One more click each: a database that went back is found with the next flush.
    for (const instance of this.#instances) {
      await this.#click(instance)
      await instance.storeAll()
    }
    const counted = await this.#counted()
    expect(counted.get(CLICKED_BANNER) ?? 0, 'single clicks').to.equal(this.#clicks)
    const aside = new Set(this.#instances.flatMap(instance => instance.aside()))
    for (const [key, contents] of this.#acknowledged) {
      const found = Array.from({ length: CONTENTS }, (_, content) => bulkOf(key, content)).map(bulk => ({
        times: (counted.get(bannerOf(bulk)) ?? 0) / clicksOf(bulk),
        isAside: aside.has(underOwnKey(bulk).key),
      }))
      expect(found.map(({ times }) => times).sort(), `key ${key}`).to.deep.equal([0, 0, 1])
      for (const content of contents)
        expect(
          found[content]!.times === 1 || found[content]!.isAside,
          `key ${key}, content ${content}`,
        ).to.equal(true)
    }
    await this.#expectSums()
    await this.#adopt()
  }

  /** What was put aside counts after all, once, wherever and however often it was put aside. */
  async #adopt(): Promise<void> {
    for (const instance of this.#instances) {
      instance.adopt()
      await instance.storeAll()
      expect(instance.aside()).to.deep.equal([])
    }
    const counted = await this.#counted()
    for (const [key, contents] of this.#acknowledged)
      for (const bulk of [...contents].map(content => bulkOf(key, content)))
        expect(counted.get(bannerOf(bulk)), bulk.key).to.equal(clicksOf(bulk))
  }

  /** The ledger and the keys say the same as the rows, and so do the books of both processes. */
  async #expectSums(): Promise<void> {
    const [sums] = await this.#database.query(
      `SELECT (SELECT coalesce(sum(clicks), 0)::int FROM click_ledger) AS stored, (SELECT count(*)::int FROM bulk_keys) AS keys`,
    )
    expect(sums).to.deep.equal({
      stored: await this.#database.totalClicks(),
      keys: this.#acknowledged.size,
    })
    for (const { life } of this.#instances) {
      expectBalanced(life.memory)
      expect(readBalance(life.memory)).to.include({ pending: 0, lost: 0 })
    }
  }

  async #counted(): Promise<Map<number, number>> {
    const rows = await this.#database.query<{ id: number; clicks: number }>(
      'SELECT banner_id::int AS id, sum(clicks + bots)::int AS clicks FROM click_minutes GROUP BY 1',
    )
    return new Map(rows.map(({ id, clicks }) => [id, clicks]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.#instances) instance[Symbol.dispose]()
  }
}

function bulkOf(key: number, content: number): KeyedBulk {
  const bannerId = 10 * (key + 1) + content
  return keyed(`key-${key}`, MINUTE, [
    [VALID, bannerId, 3],
    [BOT, bannerId, content + 1],
  ])
}

function bannerOf({ parts }: KeyedBulk): number {
  return parts[0]!.pairs[0]!
}

function clicksOf({ totals }: KeyedBulk): number {
  return totals[VALID] + totals[BOT]
}
