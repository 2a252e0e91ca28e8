import { expect } from 'chai'
import { Backlog } from '../../lib/flush/backlog.ts'
import type { BacklogItem, FilesUnit } from '../../lib/journal/files/item.ts'
import { type Batch, batchOf } from '../../lib/rows/batch.ts'
import { NO_CLICKS, VALID } from '../../lib/rows/classes.ts'
import { keyed } from '../support/keyed.ts'
import { rowsFrom } from '../support/rows.ts'

const MINUTE = 28_000_000

describe('the backlog', () => {
  it('merges the generations of a minute into one row a banner', () => {
    const backlog = new Backlog()
    for (let generation = 1; generation <= 30; generation++) backlog.add(batch(generation, 40_000))
    expect(backlog).to.include({ totalClicks: 1_200_000, bytes: 1_280_000 })
    const frozen = backlog.freeze()!
    expect(frozen).to.include({ generation: 30 })
    expect(frozen.totals).to.deep.equal([1_200_000, 0, 0])
    backlog.done()
    expect(backlog.isEmpty).to.equal(true)
  })

  const lengths = [
    {
      title: 'no more than one transaction takes well',
      rows: 1000,
      generations: 300,
      lengths: [132, 132, 36],
    },
    { title: 'a few generations when they are long', rows: 40_000, generations: 9, lengths: [4, 4, 1] },
  ]
  for (const { title, rows, generations, lengths: expected } of lengths)
    it(`merges different minutes into batches of ${title}`, () => {
      const backlog = new Backlog()
      for (let generation = 1; generation <= generations; generation++)
        backlog.add(batch(generation, rows, MINUTE + generation))
      expect(drain(backlog).map(({ bannerIds }) => bannerIds.length / rows)).to.deep.equal(expected)
      expect(backlog).to.include({ hasClicks: false, totalClicks: 0, bytes: 0 })
    })

  it('counts keyed bulks in the room of a batch and in its length, and keeps them in order', () => {
    const backlog = new Backlog()
    const bulks = Array.from({ length: 30 }, (_, nth) => keyedOf(`${nth}`, 10_000))
    bulks.forEach((bulk, nth) => {
      const { bytes } = backlog
      backlog.add(batchOf(nth + 1, rowsFrom([]), [bulk]))
      expect(backlog.bytes - bytes).to.be.within(80_000, 81_000)
    })
    expect(backlog.totalClicks).to.equal(300_000)
    const batches = drain(backlog)
    expect(batches.map(({ keyed }) => keyed.length)).to.deep.equal([14, 14, 2])
    expect(batches.flatMap(({ keyed }) => keyed.map(({ key }) => key))).to.deep.equal(
      bulks.map(({ key }) => key),
    )
  })

  it('hands batches out in the order of their generations', () => {
    const backlog = new Backlog()
    for (let generation = 1; generation <= 9; generation++)
      backlog.add(batch(generation, 40_000, MINUTE + generation))
    expect(drain(backlog).map(({ generation }) => generation)).to.deep.equal([4, 8, 9])
  })

  it('adds nothing to a batch that was frozen, and freezes no second one before that is stored', () => {
    const backlog = new Backlog()
    const first = backlog.add(batch(1, 10))
    expect(backlog.isWaiting(first)).to.equal(true)
    const frozen = backlog.freeze()
    expect(backlog.isWaiting(first)).to.equal(false)
    const second = backlog.add(batch(2, 10))
    expect(backlog.isWaiting(second)).to.equal(true)
    expect(backlog.freeze()).to.equal(frozen)
    expect(frozen).to.include({ generation: 1 })
    expect(frozen!.totals).to.deep.equal([10, 0, 0])
    expect(backlog).to.include({ totalClicks: 20, bytes: 640, isEmpty: false, hasClicks: true })
  })

  it('hands out what was deferred of a writer in the order of its generations, whenever that was', () => {
    const backlog = new Backlog()
    backlog.addItem(unit(5))
    backlog.freeze()
    expect(backlog.defer()).to.equal(true)
    // The database has gone back meanwhile.
    backlog.putFirst([unit(3)])
    backlog.freeze()
    expect(backlog.defer()).to.equal(true)
    backlog.resume()
    for (const generation of [3, 5]) {
      expect(backlog.freeze()).to.include({ generation })
      backlog.done()
    }
  })

  it('takes out all of a writer, with what was deferred of it', () => {
    const backlog = new Backlog()
    backlog.addItem(unit(5))
    backlog.freeze()
    expect(backlog.defer()).to.equal(true)
    // The database has gone back meanwhile, and this cannot be stored: what is newer must not be stored either.
    backlog.putFirst([unit(3)])
    expect(backlog.freeze()).to.include({ generation: 3 })
    backlog.removeWriter(unit(3).writer)
    backlog.resume()
    expect(backlog.freeze()).to.equal(null)
  })

  it('discards what has become part of another batch, or a file, or is stored', () => {
    const backlog = new Backlog(batch => ({
      ...batch,
      kind: 'files',
      names: [],
      isOwn: true,
      isAdopted: false,
      writer: '',
    }))
    const discarded = [batch(1, 40_000), batch(2, 40_000, MINUTE + 1)]
    for (const added of discarded) backlog.add(added)
    const long = batch(3, 400_000, MINUTE + 2)
    discarded.push(backlog.add(long))
    backlog.add(batch(4, 10))
    expect(backlog.freeze()).to.include({ kind: 'files', generation: 3 })
    backlog.done()
    discarded.push(backlog.freeze() as Batch)
    backlog.done()
    expect(discarded.map(({ bannerIds }) => bannerIds.length)).to.deep.equal([0, 0, 0, 0])
  })
})

/** Of an earlier writer. */
function unit(generation: number): FilesUnit {
  return {
    kind: 'files',
    writer: 'w',
    generation,
    names: [],
    isOwn: false,
    isAdopted: false,
    totals: NO_CLICKS,
  }
}

/** All batches, each stored as soon as it is frozen. */
function drain(backlog: Backlog): Batch[] {
  const batches: Batch[] = []
  for (let item: BacklogItem | null = backlog.freeze(); item !== null; item = backlog.freeze()) {
    batches.push(structuredClone(item as Batch))
    backlog.done()
  }
  return batches
}

/** One click each for banners 1, 2, … */
function batch(generation: number, rows: number, minute = MINUTE): Batch {
  return batchOf(generation, rowsFrom(Array.from({ length: rows }, (_, row) => [row + 1, minute, 1])))
}

/** One click each of so many banners. */
function keyedOf(key: string, banners: number) {
  return keyed(key, MINUTE, [[VALID, ...Array.from({ length: banners }, (_, nth) => [nth + 1, 1]).flat()]])
}
