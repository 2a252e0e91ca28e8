import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { raisedConditions } from '../../lib/books/conditions.ts'
import { CLASS_SHIFT, END, type FileKey, TICK } from '../../lib/journal/files/format.ts'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import {
  encode,
  OTHER_WRITER,
  recordOf,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
  writerName,
} from './journal-support.ts'
import { ModelDisk } from './model-disk.ts'
import { type Life, startLife } from './model-life.ts'
import { ModelPostgres } from './model-postgres.ts'

const MINUTE = Math.floor(Date.now() / 60_000)

/** Two earlier writers have left clicks; a newer version of this program has written some of the first one's. */
describe('what a newer version of this program has left', () => {
  let dataDir: TemporaryDirectory
  let journal: string
  let disk: ModelDisk
  let postgres: ModelPostgres
  beforeEach(() => {
    dataDir = temporaryDirectory()
    journal = join(dataDir.path, 'journal')
    mkdirSync(journal)
    disk = new ModelDisk()
    postgres = new ModelPostgres(() => {})
    for (const writer of [WRITER, OTHER_WRITER]) {
      put(writerName(writer))
      put(ticksName(ticksKey(writer, 1), 0), clicks(ticksKey(writer, 1), 1))
    }
  })
  afterEach(() => {
    disk[Symbol.dispose]()
    dataDir[Symbol.dispose]()
  })

  for (const { what, content } of [
    {
      what: 'a kind of record',
      content: (key: FileKey) => Buffer.concat([clicks(key, 2), recordOf([6, 1, 2])]),
    },
    {
      what: 'a class of clicks',
      content: (key: FileKey) =>
        Buffer.concat([clicks(key, 2), recordOf([TICK | (3 << CLASS_SHIFT), MINUTE, 1, 1])]),
    },
  ])
    it(`${what} in a file: its writer's clicks stay where they are, those of others are stored, and a stop does not wait`, async () => {
      const key = ticksKey(WRITER, 2)
      put(ticksName(key, 0), content(key))
      put(ticksName(ticksKey(WRITER, 3), 0), clicks(ticksKey(WRITER, 3), 3))
      const left = names(WRITER)
      await live(({ memory }) => {
        expect(raisedConditions(memory).map(({ name }) => name)).to.deep.equal(['journal_newer'])
        expect(raisedConditions(memory)[0]!.text).to.include(ticksName(key, 0))
      })
      expect(names(WRITER).filter(name => !name.endsWith('.writer2'))).to.deep.equal(
        left.filter(name => !name.endsWith('.writer2')),
      )
      expect(names(WRITER), 'its mark, for this database').to.have.length(left.length)
      expect(storedClicks()).to.deep.equal([1, 0, 0])
      // As if the newer version had stored that file.
      rmSync(join(journal, ticksName(key, 0)))
      await live(({ memory }) => expect(raisedConditions(memory)).to.deep.equal([]))
      expect(storedClicks()).to.deep.equal([2, 0, 1])
    })

  it('a batch: what it sums up is not removed, since nobody here can say whether it is whole', async () => {
    const key = { ...ticksKey(WRITER, 4), firstGeneration: 2 }
    const withoutEnd = clicks(key, 9).subarray(0, -recordOf([END, 1]).length)
    put(batchName(key), Buffer.concat([withoutEnd, recordOf([6]), recordOf([END, 2])]))
    for (const generation of [2, 4])
      put(ticksName(ticksKey(WRITER, generation), 0), clicks(ticksKey(WRITER, generation), 2))
    put(ticksName(ticksKey(WRITER, 5), 0), clicks(ticksKey(WRITER, 5), 3))
    const left = names(WRITER).filter(name => !name.endsWith('.writer2'))
    await live()
    // Only what is older than the batch was stored.
    expect(names(WRITER).filter(name => !name.endsWith('.writer2'))).to.deep.equal(left.slice(1))
    expect(storedClicks()).to.deep.equal([2, 0, 0])
  })

  it('files with names of its own: they are neither read nor removed, and their writer has not ended', async () => {
    const theirs = [
      `${WRITER}.2.0-0.ticks3`,
      `${WRITER}.2-9.batch3`,
      `${WRITER}.2-9.batch3.new`,
      `${WRITER}.writer3`,
    ]
    for (const name of theirs) put(name, Buffer.from('clicks perhaps'))
    await live(({ memory }) => {
      expect(raisedConditions(memory).map(({ name }) => name)).to.deep.equal(['journal_newer'])
      expect(raisedConditions(memory)[0]!.text).to.include(
        `"${theirs[1]}", "${theirs[0]}": these clicks wait`,
      )
    })
    expect(names(WRITER)).to.include.members(theirs)
    expect(storedClicks()).to.deep.equal([2, 0, 0])
    expect(postgres.hasEnded(WRITER)).to.equal(false)
    expect(postgres.hasEnded(OTHER_WRITER)).to.equal(true)
  })

  it('files with names of its own between others: what is not older than they are waits, too', async () => {
    const theirs = `${WRITER}.3.0-0.ticks3`
    const batch = { ...ticksKey(WRITER, 4), firstGeneration: 2 }
    put(theirs)
    put(batchName(batch), clicks(batch, 2))
    // What the batch sums up: a crash came before it was removed.
    put(ticksName(ticksKey(WRITER, 2), 0), clicks(ticksKey(WRITER, 2), 2))
    put(ticksName(ticksKey(WRITER, 5), 0), clicks(ticksKey(WRITER, 5), 3))
    await live()
    expect(storedClicks()).to.deep.equal([2, 0, 0])
    expect(names(WRITER)).to.include.members([theirs, batchName(batch), ticksName(ticksKey(WRITER, 5), 0)])
    expect(postgres.hasEnded(WRITER)).to.equal(false)
    // As if the newer version had stored its file.
    rmSync(join(journal, theirs))
    await live()
    expect(storedClicks()).to.deep.equal([2, 1, 1])
  })

  it('files with names of its own between others that a database has lost: what is newer than they are waits', async () => {
    for (const name of names(WRITER)) rmSync(join(journal, name))
    put(markName({ writer: WRITER, database: postgres.id, isAdopted: false }))
    mkdirSync(join(journal, 'stored'))
    for (const [generation, bannerId] of [
      [2, 2],
      [4, 3],
    ] as const)
      put(
        join('stored', ticksName(ticksKey(WRITER, generation), 0)),
        clicks(ticksKey(WRITER, generation), bannerId),
      )
    const theirs = `${WRITER}.3.0-0.ticks3`
    put(theirs)
    await live()
    expect(storedClicks()).to.deep.equal([1, 1, 0])
    expect(names(WRITER)).to.include.members([theirs, ticksName(ticksKey(WRITER, 4), 0)])
    expect(postgres.hasEnded(WRITER)).to.equal(false)
    rmSync(join(journal, theirs))
    await live()
    expect(storedClicks()).to.deep.equal([1, 1, 1])
  })

  it('files for another database: their writer is for that one still, once they can be read', async () => {
    for (const name of names(WRITER)) rmSync(join(journal, name))
    const mark = markName({
      writer: WRITER,
      database: 'bbbbbbbb-0000-4000-8000-000000000000',
      isAdopted: false,
    })
    const theirs = `${ticksName(ticksKey(WRITER, 1), 0)}3`
    for (const name of [mark, theirs]) put(name)
    await live()
    expect(names(WRITER)).to.have.members([mark, theirs])
    expect(storedClicks()).to.deep.equal([1, 0, 0])
  })

  it('files whose names say no generation: all of their writer waits', async () => {
    put(`${WRITER}.all.ticks3`)
    await live()
    expect(storedClicks()).to.deep.equal([1, 0, 0])
  })

  /** A life that stores what it may, ends in order, and tells what it has left. */
  async function live(look: (life: Life) => void = () => {}): Promise<void> {
    const options = {
      dataDir: dataDir.path,
      disk,
      postgres,
      sync: 'write',
      isCompacting: false,
      maxBanners: 16,
    } as const
    const life = startLife({ ...options, now: Date.now })
    const left = await life.flusher.drain(AbortSignal.timeout(5000))
    expect(left).to.deep.equal({ clicks: 0, isAllStored: true })
    life.journal.measure(Date.now())
    look(life)
    life.closeFiles()
  }

  function put(name: string, content: Buffer = Buffer.alloc(0)): void {
    writeFileSync(join(journal, name), content)
  }

  function names(writer: string): string[] {
    return readdirSync(journal)
      .filter(name => name.startsWith(writer))
      .sort()
  }

  function storedClicks(): number[] {
    return [1, 2, 3].map(bannerId => postgres.clicksOf(bannerId))
  }
})

function ticksKey(writer: string, generation: number): FileKey {
  return { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
}

/** One click of a banner. */
function clicks(key: FileKey, bannerId: number): Buffer {
  return encode(key, [[MINUTE, new Map([[bannerId, 1]])]])
}
