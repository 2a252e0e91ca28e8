import fs, { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { freeKept } from '../../lib/journal/append/free-kept.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import type { Entry } from '../../lib/journal/files/entries.ts'
import { isOfClicks, readEntries } from '../../lib/journal/files/entries.ts'
import { type ClickFile, ticksName } from '../../lib/journal/files/names.ts'
import { KeptFiles } from '../../lib/journal/keep/kept.ts'
import { validOnly } from '../support/balance.ts'
import { settledAs } from '../support/settled.ts'
import {
  failing,
  KEY,
  OTHER_WRITER,
  replaceInFs,
  sumsOf,
  systemError,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

const KEEP_MS = 1000
const BYTES = 100
const OWN = new Set([WRITER])

describe('files that are kept of what is stored', () => {
  let directory: TemporaryDirectory
  let kept: KeptFiles
  beforeEach(() => {
    directory = temporaryDirectory()
    kept = new KeptFiles(directory.path, KEEP_MS)
    kept.open()
  })
  afterEach(() => directory[Symbol.dispose]())

  it('go when the ledger was found in order so long after they were stored, not by time alone', () => {
    keep(1, 0)
    keep(2, 500)
    expect(waiting(), 'moved').to.deep.equal([])
    kept.compared(OWN, 999)
    expect(stored()).to.deep.equal([name(1), name(2)])
    kept.compared(OWN, 1000)
    expect(stored()).to.deep.equal([name(2)])
    kept.compared(new Set([OTHER_WRITER]), 10_000)
    expect(stored(), 'compared for others').to.deep.equal([name(2)])
    expect({ files: kept.files, bytes: kept.bytes }).to.deep.equal({ files: 1, bytes: BYTES })
    kept.compared(OWN, 10_000)
    expect(stored()).to.deep.equal([])
  })

  it('go at once when nothing is to be kept', () => {
    kept = new KeptFiles(directory.path, 0)
    keep(1, 7)
    kept.compared(OWN, 7)
    expect(stored()).to.deep.equal([])
  })

  it('give way to what waits, the oldest first, and no more of them than need be', () => {
    for (const generation of [1, 2, 3]) keep(generation, 0)
    kept.evict(0)
    expect(kept.files).to.equal(3)
    kept.evict(BYTES + 1)
    expect(stored()).to.deep.equal([name(3)])
    kept.evict(Number.POSITIVE_INFINITY)
    expect(stored()).to.deep.equal([])
    expect(kept.bytes).to.equal(0)
  })

  it('come back after a generation, in order, and the newest first, so that a crash leaves the older ones', () => {
    for (const generation of [1, 2, 3, 4]) keep(generation, 0, validOnly(10 * generation))
    const { renameSync } = fs
    const moved: string[] = []
    using _ = replaceInFs({
      renameSync: (from, to) => {
        moved.push(String(from))
        renameSync(from, to)
      },
    })
    const { items, isWhole } = kept.takeBack(WRITER, 2)
    expect(items.map(({ generation, settled }) => [generation, settled])).to.deep.equal([
      [3, settledAs(validOnly(30))],
      [4, settledAs(validOnly(40))],
    ])
    expect(isWhole).to.equal(true)
    expect(moved.map(path => path.split('/').at(-1))).to.deep.equal([name(4), name(3)])
    expect(waiting()).to.deep.equal([name(3), name(4)])
    expect(kept.newest(WRITER)).to.equal(2)
  })

  it('are known to be missing when one was taken away, or when older ones are gone', () => {
    for (const generation of [5, 6]) keep(generation, 0)
    expect(freeKept(directory.path, WRITER, 1)).to.equal(true)
    const { items, isWhole } = kept.takeBack(WRITER, 4)
    expect(items.map(({ generation }) => generation)).to.deep.equal([6])
    expect(isWhole).to.equal(false)
    keep(9, 0)
    expect(kept.takeBack(WRITER, 4).isWhole, 'from 5 to 8').to.equal(false)
  })

  it('stay, and nothing newer may be stored, while one is there and cannot be moved back', () => {
    keep(1, 0)
    {
      using _ = replaceInFs({ renameSync: failing('EIO') })
      expect(() => kept.takeBack(WRITER, 0)).to.throw('EIO')
    }
    expect(kept.takeBack(WRITER, 0).items).to.have.lengthOf(1)
  })

  it('are found by the next process, each generation for itself, with its age', () => {
    keep(1, 0)
    keep(2, 0)
    kept = new KeptFiles(directory.path, 60_000)
    kept.open()
    expect(kept.newest(WRITER)).to.equal(2)
    kept.compared(OWN, performance.now())
    expect(stored()).to.deep.equal([name(1), name(2)])
    kept.compared(OWN, performance.now() + 60_010)
    expect(stored()).to.deep.equal([])
  })

  it('give way the oldest first, also when the clock was put back, or a copy has made them in another order', async () => {
    for (const generation of [3, 2, 1]) {
      put(join(directory.path, 'stored'), generation)
      // Longer than a step of the file system's clock.
      await setTimeout(20)
    }
    kept.open()
    kept.evict(1)
    expect(stored()).to.deep.equal([name(2), name(3)])
  })

  it('are not kept where there is no room for the directory, and then nothing stays in the journal', () => {
    const full = join(directory.path, 'full')
    mkdirSync(full)
    kept = new KeptFiles(full, KEEP_MS)
    {
      using _ = replaceInFs({ mkdirSync: failing('ENOSPC') as never })
      kept.open()
    }
    put(full, 1)
    kept.keep(entriesOf(full), { writer: WRITER, generation: 1, settled: settledAs(validOnly(1)) }, 0)
    expect(readdirSync(full)).to.deep.equal([])
  })

  describe('and a full disk', () => {
    const full = (kind: 'writeSync' | 'openSync') => {
      const { [kind]: call } = fs
      return replaceInFs({
        [kind]: ((...args: never[]) => {
          if (stored().length > 0) throw systemError('ENOSPC')
          return (call as (...args: never[]) => unknown)(...args)
        }) as never,
      })
    }

    for (const kind of ['writeSync', 'openSync'] as const)
      it(`give way before a click is refused: ${kind}`, () => {
        for (const generation of [1, 2]) keep(generation, 0)
        const segment = newSegment()
        using _ = full(kind)
        segment.append(3, sumsOf([[5, new Map([[1, 2]])]]))
        segment.close()
        expect(stored()).to.deep.equal([])
        expect(waiting().filter(file => file.includes('.3.'))).to.have.lengthOf(1)
      })

    it('make no more room than a tick takes well, earlier processes’ first', () => {
      for (const generation of [3, 1, 2]) keep(generation, 0)
      put(join(directory.path, 'stored'), 9, OTHER_WRITER)
      expect(freeKept(directory.path, WRITER, BYTES + 1)).to.equal(true)
      expect(stored()).to.deep.equal([name(2), name(3)])
    })

    it('refuse the click when there is nothing to give', () => {
      expect(freeKept(directory.path, WRITER, 1)).to.equal(false)
      const segment = newSegment()
      using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
      expect(() => segment.append(1, sumsOf([[5, new Map([[1, 2]])]]))).to.throw()
      segment.close()
    })
  })

  /** Stores a generation of one file, and keeps it. */
  function keep(generation: number, atMs: number, clicks = validOnly(1)): void {
    put(directory.path, generation)
    kept.keep(
      entriesOf(directory.path).filter(({ file }) => file.key.lastGeneration === generation),
      { writer: WRITER, generation, settled: settledAs(clicks) },
      atMs,
    )
  }

  function newSegment(): Segment {
    return new Segment({ directory: directory.path, writer: WRITER, sync: 'write', threadIndex: KEY.thread })
  }

  function stored(): string[] {
    const path = join(directory.path, 'stored')
    return existsSync(path) ? readdirSync(path).sort() : []
  }

  function waiting(): string[] {
    return readdirSync(directory.path)
      .filter(file => file !== 'stored')
      .sort()
  }
})

function name(generation: number, writer = WRITER): string {
  return ticksName({ ...KEY, writer, firstGeneration: generation, lastGeneration: generation }, 0)
}

function put(directory: string, generation: number, writer = WRITER): void {
  writeFileSync(join(directory, name(generation, writer)), Buffer.alloc(BYTES))
}

function entriesOf(directory: string): Entry<ClickFile>[] {
  return readEntries(directory).entries.filter(isOfClicks)
}
