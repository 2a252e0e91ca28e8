import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readConfig } from '../../lib/config/read.ts'
import { createLog, standardError } from '../../lib/log/log.ts'
import { takeStranded } from '../../lib/stranded/place.ts'
import { type StoreOptions, storeJournal } from '../../lib/stranded/store.ts'
import { makeJournal } from '../faults/made-journal.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Passage, type PostgresProxy, startPostgresProxy } from '../support/proxy.ts'

const MADE = { bytes: 20_000, generations: 3, generationsPerMinute: 3, banners: 20 }
const isCommit = ({ sql, stage }: Passage) => sql === 'COMMIT' && stage === 'sent'
const isEnd = ({ sql }: Passage) => /SET ended_at/.test(sql)

describe("storing another instance's journal", () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let dataDir: string
  let clicks: number
  beforeEach(async () => {
    database = await createTestDatabase()
    proxy = await startPostgresProxy(database.server)
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-stranded-'))
    clicks = makeJournal(dataDir, MADE).clicks
  })
  afterEach(async () => {
    await proxy.close()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  function store(options: Partial<StoreOptions> = {}) {
    return storeJournal({
      config: readConfig({ env: { CLICKCOUNTER_DATABASE_URL: database.url }, cwd: '/', cores: 1 }).config,
      dataDir,
      database: proxy.server,
      log: createLog('silent'),
      logOutput: standardError(),
      patienceMs: 300,
      onProgress: () => {},
      signal: new AbortController().signal,
      ...options,
    })
  }

  async function expectWholeAtNextRun(): Promise<void> {
    proxy.judge = () => 'pass'
    expect(await store()).to.deep.equal({ isAllStored: true })
    expect(await database.totalClicks()).to.equal(clicks)
    expect(await database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  }

  it('ends when the database takes nothing for a while, tells meanwhile what waits, and goes on another time', async () => {
    proxy.judge = passage => (isCommit(passage) ? 'reset' : 'pass')
    const told: number[] = []
    expect(await store({ onProgress: ({ files }) => told.push(files) })).to.deep.equal({ isAllStored: false })
    expect(told.length).to.be.above(0)
    expect(new Set(told)).to.deep.equal(new Set([MADE.generations]))
    expect(await database.totalClicks()).to.equal(0)
    await expectWholeAtNextRun()
  })

  it('counts once what a lost answer to a COMMIT has left open', async () => {
    let isFirst = true
    proxy.judge = ({ sql, stage }) => {
      if (sql !== 'COMMIT' || stage !== 'answered' || !isFirst) return 'pass'
      isFirst = false
      return 'reset'
    }
    expect(await store({ patienceMs: 10_000 })).to.deep.equal({ isAllStored: true })
    expect(isFirst).to.equal(false)
    expect(await database.totalClicks()).to.equal(clicks)
  })

  it('ends at once when it is told to, also within a COMMIT, and goes on another time', async () => {
    const interrupted = new AbortController()
    proxy.judge = passage => {
      if (!isCommit(passage)) return 'pass'
      interrupted.abort()
      return 'hold'
    }
    expect(await store({ signal: interrupted.signal })).to.deep.equal({ isAllStored: false })
    await expectWholeAtNextRun()
  })

  it('has not done all as long as the end of a writer is not recorded', async () => {
    proxy.judge = passage => (isEnd(passage) ? 'reset' : 'pass')
    expect(await store()).to.deep.equal({ isAllStored: false })
    expect(await database.totalClicks()).to.equal(clicks)
    await expectWholeAtNextRun()
  })

  it("leaves another user's directory alone", () => {
    const { getuid } = process
    process.getuid = () => 12_345
    try {
      expect(() => takeStranded(dataDir)).to.throw(/belongs to user \d+: run this as that user/)
    } finally {
      Object.assign(process, { getuid })
    }
  })
})
