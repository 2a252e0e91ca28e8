import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { runJournal } from '../stranded/stranded-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { makeJournal } from './made-journal.ts'
import { scaled } from './scale.ts'

const FAILPOINTS = fileURLToPath(new URL('./failpoints.ts', import.meta.url))
const POINTS = ['before-commit', 'after-commit', 'before-rename', 'after-rename']
const TIMES = scaled(1, 6)
const MADE = {
  bytes: scaled(0.2, 40) * 2 ** 20,
  generations: 8,
  generationsPerMinute: 4,
  banners: 500,
}

describe("kill -9 of the command that stores another instance's journal", function () {
  this.timeout(scaled(60_000, 300_000))
  let database: TestDatabase
  let directory: string
  before(async () => {
    database = await createTestDatabase()
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-stranded-'))
  })
  after(async () => {
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  it('at every step loses nothing and counts nothing twice, from two copies', async () => {
    let [killed, clicks] = [0, 0]
    for (const point of POINTS) {
      const places = ['here', 'there'].map(name => join(directory, point, name))
      clicks += makeJournal(places[0]!, MADE).clicks
      await cp(places[0]!, places[1]!, { recursive: true })
      for (let times = 1; times <= TIMES; times++) {
        const settings = { TEST_FAILPOINT: `${point}:${times}` }
        const { status, stderr } = await store(places[times % 2]!, settings, ['--import', FAILPOINTS])
        // Once all is stored, it passes fewer points.
        expect(status, stderr).to.be.oneOf([null, 0])
        if (status === null) killed++
      }
      // The copy that no kill has met has nothing new; each takes half a second.
      for (const place of places.slice(-scaled(1, 2))) expect(await store(place)).to.include({ status: 0 })
    }
    console.log(`      kills ${killed}, clicks ${clicks}`)
    expect(killed).to.be.at.least(POINTS.length)
    expect(await database.totalClicks()).to.equal(clicks)
    expect(await database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  function store(place: string, settings = {}, nodeOptions: readonly string[] = []) {
    return runJournal(['store', place], { DATABASE_URL: database.url, ...settings }, nodeOptions)
  }
})
