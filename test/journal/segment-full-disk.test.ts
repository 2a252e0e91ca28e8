import fs, { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import { storedDirectory, ticksName } from '../../lib/journal/files/names.ts'
import { failing, KEY, OTHER_WRITER, replaceInFs, systemError, WRITER } from './journal-support.ts'
import { PAIR, SegmentJournal, TWO_CLICKS } from './segment-support.ts'

const { writeSync } = fs

describe("a thread's part of the journal, on a disk that is full of what is kept of stored clicks,", () => {
  let journal: SegmentJournal
  beforeEach(() => {
    journal = new SegmentJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  const kept = () => readdirSync(join(journal.path, storedDirectory)).sort()
  const name = (writer: string, generation: number) =>
    ticksName({ ...KEY, writer, firstGeneration: generation, lastGeneration: generation }, 0)

  it('it gives way, the oldest of a writer first, until the tick is written', () => {
    const [oldest, older, own] = keep(name(OTHER_WRITER, 9), name(OTHER_WRITER, 10), name(WRITER, 1))
    using _ = replaceInFs({ writeSync: whenGone(oldest!) })
    journal.segment.append(7, TWO_CLICKS)
    expect(kept()).to.deep.equal([older!, own!].sort())
    expect(journal.pairs(ticksName(KEY, 1))).to.deep.equal([PAIR])
  })

  it('it gives way until a tick is written that needs more than was thought', () => {
    const names = keep(name(WRITER, 1), name(WRITER, 2), name(WRITER, 3))
    using _ = replaceInFs({ writeSync: whenGone(names[2]!) })
    journal.segment.append(7, TWO_CLICKS)
    expect(kept()).to.deep.equal([])
  })

  it('a tick is not refused for which another thread has made room meanwhile', () => {
    keep()
    let isFull = true
    const { readdirSync } = fs
    using _ = replaceInFs({
      writeSync: ((...operands: Parameters<typeof writeSync>) => {
        if (isFull) throw systemError('ENOSPC')
        return writeSync(...operands)
      }) as typeof writeSync,
      readdirSync: ((...operands: Parameters<typeof readdirSync>) => {
        isFull = false
        return readdirSync(...operands)
      }) as typeof readdirSync,
    })
    journal.segment.append(7, TWO_CLICKS)
  })

  it('a tick is refused when nothing more is kept, and what cannot be removed is no room', () => {
    const names = keep(name(WRITER, 1))
    using _ = replaceInFs({ writeSync: failing('ENOSPC') as never, unlinkSync: failing('EROFS') })
    expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
    expect(kept()).to.deep.equal(names)
  })

  /** Each file is larger than a megabyte, which is room enough. */
  function keep(...names: string[]): string[] {
    fs.mkdirSync(join(journal.path, storedDirectory))
    for (const name of names)
      writeFileSync(join(journal.path, storedDirectory, name), Buffer.alloc(2 ** 20 + 4096))
    return names
  }

  function whenGone(name: string) {
    return ((...operands: Parameters<typeof writeSync>) => {
      if (fs.existsSync(join(journal.path, storedDirectory, name))) throw systemError('ENOSPC')
      return writeSync(...operands)
    }) as typeof writeSync
  }
})
