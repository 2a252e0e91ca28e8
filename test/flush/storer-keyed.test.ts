import { expect } from 'chai'
import { readNumber } from '../../lib/books/balance.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { Backlog } from '../../lib/flush/backlog.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { Storer } from '../../lib/flush/storer.ts'
import { underOwnKey } from '../../lib/journal/keep/aside-bulks.ts'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { StoredItem, StoreOutcome, StoreTask } from '../../lib/messages.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import type { Settled } from '../../lib/rows/settled.ts'
import { expectBalanced, readBalance } from '../support/balance.ts'
import { keyedClicks } from '../support/keyed.ts'
import { noJournal } from '../support/no-journal.ts'
import { rowsFrom } from '../support/rows.ts'
import { ALL_STORED } from '../support/stored.ts'

const OWN = 'own'
const LEVEL = { kind: 'done', database: 'a', ledger: 'level' } as const
const LEARNED: StoreOutcome = { ...LEVEL, stored: null, ledger: 'unknown' }
const [COUNTED, REPEATED, CONFLICT, EXPIRED] = ['a', 'b', 'c', 'd'].map((key, nth) =>
  keyedClicks(key, 5, 1, 10 ** nth),
) as [KeyedBulk, KeyedBulk, KeyedBulk, KeyedBulk]
const FATES = { repeated: REPEATED.totals, conflicts: [CONFLICT], expired: [EXPIRED] }

describe('the storer of keyed bulks', () => {
  it('books what became of them, and puts aside what is in question', async () => {
    const { storer, aside, memory, reasons, settled } = newStorer([LEARNED, stored(FATES)])
    for (let task = 0; task < 2; task++) expect(await storer.store(false)).to.include({ isGood: true })
    expect(aside).to.deep.equal([[underOwnKey(CONFLICT), EXPIRED]])
    expect(readBalance(memory)).to.deep.equal({
      accepted: 1011,
      stored: 1,
      pending: 1000,
      repeated: 10,
      lost: 0,
      conflicts: 100,
    })
    expectBalanced(memory)
    expect(storer.asideClicks).to.equal(1000)
    expect(readNumber(memory, 'asideClicks')).to.equal(1000)
    expect(reasons()).to.deep.equal(['bulks_aside'])
    expect(settled[0]).to.deep.equal({
      stored: [1, 0, 0],
      repeated: [10, 0, 0],
      conflicts: [100, 0, 0],
      expired: [1000, 0, 0],
      lost: [0, 0, 0],
    })
  })

  it('keeps the item until they are put aside: the next try finds it stored, and them again', async () => {
    const moves = [false, true]
    const { storer, backlog, memory, tasks } = newStorer([LEARNED, stored(FATES), stored(FATES)], {
      setBulksAside: () => moves.shift()!,
    })
    await storer.store(false)
    expect(await storer.store(false)).to.include({ isGood: false })
    expect([backlog.totalClicks, readBalance(memory).pending]).to.deep.equal([1111, 1111])
    expect(await storer.store(false)).to.include({ isGood: true })
    expect(tasks.map(({ mayBeStored }) => mayBeStored)).to.deep.equal([false, false, true])
    expect([backlog.isEmpty, readBalance(memory).stored]).to.deep.equal([true, 1])
  })

  it('takes all of it back when a database went back', async () => {
    const { storer, memory, settled, backlog } = newStorer([
      LEARNED,
      stored(FATES),
      { kind: 'behind', stands: [{ writer: OWN, generation: 0, clicks: [0, 0, 0] }] },
      stored({ ...FATES, expired: [] }),
    ])
    for (let task = 0; task < 3; task++) await storer.store(false)
    expect(readBalance(memory)).to.deep.equal({ accepted: 1111, stored: 0, pending: 1111, lost: 0 })
    expect([backlog.totalClicks, storer.asideClicks]).to.deep.equal([1111, 0])
    await storer.store(false)
    expect(readBalance(memory)).to.include({ accepted: 1011, stored: 1001, pending: 0, repeated: 10 })
    expect(settled).to.have.lengthOf(2)
    expectBalanced(memory)
  })

  it('books nothing of an earlier process, and puts its bulks aside as well', async () => {
    const { storer, memory, aside, reasons } = newStorer([LEARNED, stored(FATES)], {}, [
      {
        kind: 'files',
        writer: 'earlier',
        generation: 1,
        names: [],
        isOwn: false,
        isAdopted: false,
        totals: [0, 0, 0],
      },
    ])
    for (let task = 0; task < 2; task++) await storer.store(false)
    expect(readBalance(memory)).to.deep.equal({ accepted: 1111, stored: 0, pending: 1111, lost: 0 })
    expect([aside.length, storer.asideClicks]).to.deep.equal([1, 0])
    expect(reasons()).to.deep.equal(['bulks_aside'])
  })
})

function stored(fates: Pick<StoredItem, 'repeated' | 'conflicts' | 'expired'>): StoreOutcome {
  return { ...LEVEL, stored: { ...ALL_STORED, clicks: 1, ...fates } }
}

/** Generation 1 waits with the four bulks. What was stored is kept. */
function newStorer(
  outcomes: StoreOutcome[],
  parts: Partial<Journal> = {},
  left: Parameters<typeof noJournal>[1] = [],
) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
  const books = new ServiceBooks(memory)
  const log = createLog('silent')
  const conditions = new Conditions(memory, log)
  const [backlog, tasks] = [new Backlog(), [] as StoreTask[]]
  const [aside, settled] = [[] as (readonly KeyedBulk[])[], [] as Settled[]]
  const journal: Partial<Journal> = {
    setBulksAside: (_item, bulks) => aside.push(bulks) > 0,
    stored: (_item, result) => void settled.push(result),
    takeBack: (writer, generation) => ({
      items: settled.map(result => ({
        writer,
        firstGeneration: generation + 1,
        generation: generation + 1,
        names: ['file'],
        bytes: 1,
        settled: result,
        storedAtMs: 0,
      })),
      isWhole: true,
    }),
    ...parts,
  }
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
        return { outcome: outcomes.shift()!, weaknesses: null, durationMs: 1 }
      },
    },
  })
  const batch = batchOf(1, rowsFrom([]), [COUNTED, REPEATED, CONFLICT, EXPIRED])
  backlog.add(batch)
  books.collected(1, batch.totals)
  return {
    storer,
    memory,
    backlog,
    tasks,
    aside,
    settled,
    reasons: () => raisedConditions(memory).map(({ name }) => name),
  }
}
