import { expect } from 'chai'
import { readNumber } from '../../lib/books/balance.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { Backlog } from '../../lib/flush/backlog.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { Storer } from '../../lib/flush/storer.ts'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import type { KeptItem } from '../../lib/journal/keep/kept.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { StoreOutcome, StoreTask } from '../../lib/messages.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'
import { readBalance, readBalancesOf, validOnly } from '../support/balance.ts'
import { noJournal } from '../support/no-journal.ts'
import { rowsFrom } from '../support/rows.ts'
import { settledAs } from '../support/settled.ts'
import { ALL_STORED } from '../support/stored.ts'

const OWN = 'own'
const LEARNED: StoreOutcome = { kind: 'done', database: 'a', stored: null, ledger: 'unknown' }
const LEVEL: StoreOutcome = { ...LEARNED, ledger: 'level' }
const failed = (mayBeStored: boolean): StoreOutcome => ({
  kind: 'failed',
  error: {
    code: '08006',
    message: 'gone',
    reason: null,
    isReached: false,
    isPermanent: false,
    isOfJournal: false,
  },
  mayBeStored,
})
const stored = (clicks: number, lostClicks = NO_CLICKS, withoutMinutes = 0): StoreOutcome => ({
  ...LEVEL,
  stored: { ...ALL_STORED, clicks, lostClicks, withoutMinutes },
})

describe('the storer', () => {
  it('has nothing stored before it is recorded which database it is for', async () => {
    const meetings = [null, []]
    const { storer, tasks } = newStorer({ meet: () => meetings.shift()! }, [LEARNED, LEARNED, stored(5)], 5)
    expect(await storer.store(false)).to.include({ isGood: false, hadItem: false })
    expect(await storer.store(false)).to.include({ isGood: true, hadItem: false, hasCompared: false })
    expect(tasks).to.have.lengthOf(2)
    expect(tasks.map(({ item, database }) => [item, database])).to.deep.equal([
      [null, null],
      [null, null],
    ])
  })

  const tries: { title: string; outcomes: (StoreOutcome | Error)[]; mayBeStored: boolean[] }[] = [
    { title: 'not at its first try', outcomes: [stored(5)], mayBeStored: [false] },
    {
      title: 'not after a try that never came to COMMIT',
      outcomes: [failed(false), stored(5)],
      mayBeStored: [false, false],
    },
    {
      title: 'after a COMMIT without an answer',
      outcomes: [failed(true), failed(false), stored(5)],
      mayBeStored: [false, true, true],
    },
    {
      title: 'after the death of the worker',
      outcomes: [new Error('died'), stored(5)],
      mayBeStored: [false, true],
    },
  ]
  for (const { title, outcomes, mayBeStored } of tries)
    it(`is not surprised to find a batch there ${title}`, async () => {
      const { storer, tasks } = newStorer({}, [LEARNED, ...outcomes], 5)
      for (let task = 0; task <= outcomes.length; task++) await storer.store(false).catch(() => {})
      expect(tasks.slice(1).map(task => task.mayBeStored)).to.deep.equal(mayBeStored)
    })

  it('books how many clicks went where there are no minutes', async () => {
    const { storer, memory } = newStorer({}, [LEARNED, stored(5, NO_CLICKS, 3)], 5)
    for (let task = 0; task < 2; task++) await storer.store(false)
    expect(readNumber(memory, 'withoutMinutesClicks')).to.equal(3)
    expect(readBalance(memory)).to.deep.equal({ accepted: 5, stored: 5, pending: 0, lost: 0 })
  })

  it('puts what a database has lost first, once more, and books what nobody keeps as lost', async () => {
    const kept: KeptItem[] = [3, 4].map(generation => ({
      writer: OWN,
      firstGeneration: generation,
      generation,
      names: [`${generation}`],
      bytes: 2 ** 24,
      settled: settledAs(validOnly(10 * generation)),
      storedAtMs: 0,
    }))
    const journal = { takeBack: () => ({ items: kept, isWhole: true }) }
    const behind: StoreOutcome = {
      kind: 'behind',
      stands: [{ writer: OWN, generation: 1, clicks: validOnly(5) }],
    }
    const { storer, tasks, memory, backlog, reasons } = newStorer(
      journal,
      [LEARNED, stored(100), behind, stored(30), stored(40, validOnly(4)), stored(7)],
      100,
    )
    await storer.store(false)
    await storer.store(false)
    expect(storer.ledgerGeneration).to.equal(9)
    addOwn(backlog, memory, 10, 7)
    await storer.store(false)
    expect(readBalance(memory)).to.deep.equal({ accepted: 107, stored: 5, pending: 77, lost: 25 })
    expect(storer.ledgerGeneration).to.equal(1)
    for (let item = 0; item < 3; item++) await storer.store(false)
    expect(
      tasks.slice(3).map(({ item, mayBeStored, expected }) => [item!.kind, mayBeStored, expected.get(OWN)]),
    ).to.deep.equal([
      ['files', true, 1],
      ['files', true, 3],
      ['batch', false, 4],
    ])
    expect(readBalance(memory)).to.deep.equal({ accepted: 107, stored: 78, pending: 0, lost: 29 })
    expect(reasons()).to.deep.equal(['clicks_lost'])
  })

  it('books by class what a database has lost, and what nobody can store again', async () => {
    const kept: KeptItem = {
      writer: OWN,
      firstGeneration: 9,
      generation: 9,
      names: ['9'],
      bytes: 1,
      settled: settledAs([1, 2, 0]),
      storedAtMs: 0,
    }
    const behind: StoreOutcome = {
      kind: 'behind',
      stands: [{ writer: OWN, generation: 8, clicks: [4, 1, 0] }],
    }
    const { storer, memory, backlog } = newStorer(
      { takeBack: () => ({ items: [kept], isWhole: true }) },
      [LEARNED, stored(15), behind, stored(3, [0, 1, 0])],
      0,
    )
    backlog.add(batchOf(9, rowsFrom([[1, 5, 5, 4, 6]])))
    new ServiceBooks(memory).collected(9, [5, 4, 6])
    for (let task = 0; task < 3; task++) await storer.store(false)
    expect(readBalancesOf(memory)).to.deep.equal([
      { accepted: 5, stored: 4, pending: 1, lost: 0 },
      { accepted: 4, stored: 1, pending: 2, lost: 1 },
      { accepted: 6, stored: 0, pending: 0, lost: 6 },
    ])
    await storer.store(false)
    expect(readBalancesOf(memory)).to.deep.equal([
      { accepted: 5, stored: 5, pending: 0, lost: 0 },
      { accepted: 4, stored: 2, pending: 0, lost: 2 },
      { accepted: 6, stored: 0, pending: 0, lost: 6 },
    ])
  })

  it('tells when somebody else has moved its ledger', async () => {
    const { storer, reasons } = newStorer({}, [LEARNED, { ...LEVEL, ledger: 'ahead' }], 0)
    await storer.store(false)
    expect(reasons()).to.deep.equal([])
    await storer.store(false)
    expect(reasons()).to.deep.equal(['writer_cloned'])
  })

  it('keeps a batch whose place is taken until it is put aside, and then goes on', async () => {
    const moves = [false, true]
    const taken: StoreOutcome = { kind: 'taken' }
    const { storer, backlog, memory } = newStorer(
      { setAside: () => moves.shift()! },
      [LEARNED, taken, taken, stored(2)],
      5,
    )
    await storer.store(false)
    expect(await storer.store(false)).to.include({ isGood: false })
    expect(backlog.totalClicks).to.equal(5)
    expect(await storer.store(false)).to.include({ isGood: true })
    expect(storer.asideClicks).to.equal(5)
    addOwn(backlog, memory, 10, 2)
    await storer.store(false)
    expect(readBalance(memory)).to.deep.equal({ accepted: 7, stored: 2, pending: 5, lost: 0 })
  })

  it('leaves out all of an earlier writer that is too old', async () => {
    const left = [1, 2].map(generation => ({
      kind: 'files' as const,
      writer: 'old',
      generation,
      names: [],
      isOwn: false,
      isAdopted: false,
      totals: NO_CLICKS,
    }))
    const { storer, backlog, reasons } = newStorer({}, [LEARNED, { kind: 'outdated' }], 0, left)
    await storer.store(false)
    await storer.store(false)
    expect(backlog.isEmpty).to.equal(true)
    expect(reasons()).to.deep.equal(['journal_outdated'])
  })

  it('leaves all of a writer to the newer version that wrote a file of it, and goes on', async () => {
    const told: string[] = []
    const left = [1, 2].map(generation => filesOf('earlier', generation))
    const journal = { leaveToNewer: (file: string) => void told.push(file) }
    const { storer, backlog } = newStorer(journal, [LEARNED, { kind: 'newer', file: 'a' }], 0, left)
    await storer.store(false)
    expect(await storer.store(false)).to.include({ isGood: true })
    expect(backlog.isEmpty).to.equal(true)
    expect(told).to.deep.equal(['a'])
  })

  it('never gives up clicks of this process, whatever is found in their file', async () => {
    const own = { ...filesOf(OWN, 1), isOwn: true, totals: validOnly(5) }
    const { storer, backlog } = newStorer({}, [LEARNED, { kind: 'newer', file: 'a' }], 0, [own])
    await storer.store(false)
    expect(await storer.store(false)).to.include({ isGood: false })
    expect(backlog.totalClicks).to.equal(5)
  })
})

function filesOf(writer: string, generation: number) {
  return {
    kind: 'files' as const,
    writer,
    generation,
    names: [],
    isOwn: false,
    isAdopted: false,
    totals: NO_CLICKS,
  }
}

/** Its worker gives these outcomes. When `clicks` is not 0, generation 9 waits with so many. */
function newStorer(
  journal: Partial<Journal>,
  outcomes: (StoreOutcome | Error)[],
  clicks: number,
  left: Parameters<typeof noJournal>[1] = [],
) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
  const books = new ServiceBooks(memory)
  const log = createLog('silent')
  const conditions = new Conditions(memory, log)
  const backlog = new Backlog()
  const tasks: StoreTask[] = []
  const storer = new Storer(backlog, () => {}, {
    memory,
    books,
    report: new FlushReport(memory, books, conditions, log),
    ledgerReport: new LedgerReport(conditions, log),
    journal: noJournal(journal, left),
    writer: OWN,
    worker: {
      async store(task) {
        tasks.push(task)
        const outcome = outcomes.shift()!
        if (outcome instanceof Error) throw outcome
        return { outcome, weaknesses: null, durationMs: 1 }
      },
    },
  })
  if (clicks > 0) addOwn(backlog, memory, 9, clicks)
  return { storer, backlog, memory, tasks, reasons: () => raisedConditions(memory).map(({ name }) => name) }
}

/** A generation has left the ring. */
function addOwn(backlog: Backlog, memory: SharedMemory, generation: number, clicks: number): void {
  backlog.add(batchOf(generation, rowsFrom([[1, 5, clicks]])))
  new ServiceBooks(memory).collected(generation, validOnly(clicks))
}
