import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { readEntries } from '../../lib/journal/files/entries.ts'
import {
  batchName,
  isUnfinished,
  parseName,
  ticksName,
  unfinishedName,
} from '../../lib/journal/files/names.ts'
import { JournalDirectory } from '../../lib/journal/keep/directory.ts'
import {
  encode,
  failing,
  KEY,
  OTHER_WRITER,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
  writerName,
} from './journal-support.ts'
import { batchNameVersion1, ticksNameVersion1 } from './version-1.ts'

const KINDS = ['a file', 'a directory', 'a FIFO', 'a socket', 'a dangling link', 'a loop', 'a link'] as const
const BATCH = batchName({ ...KEY, lastGeneration: 12 })
const BATCH_1 = batchNameVersion1({ ...KEY, lastGeneration: 12 })
const OUR_NAMES = [
  ...[ticksName(KEY, 0), ticksName(KEY, 1), BATCH, unfinishedName(BATCH), writerName(WRITER)],
  ...[ticksNameVersion1(KEY, 0), BATCH_1, `${BATCH_1}.new`, `${OTHER_WRITER}.writer`],
]
const NEWER_CLICKS = [`${WRITER}.7.1-0.ticks3`, `${WRITER}.7-12.batch3`]
const NEWER_NAMES = [...NEWER_CLICKS, `${WRITER}.7-12.batch3.new`, `${WRITER}.writer3`]
const NOTHING = { entries: [], unfinished: [], newer: [], odd: [] }
const OTHERS_NAMES = ['notes.txt', `${WRITER}.4294967296.0-0.ticks2`, `${WRITER}.5-3.batch2`, 'ß\n"']
const SYSTEM_NAMES = ['.nfs0000000000000001', 'lost+found']

describe("what stands in the journal's directory", () => {
  let dataDir: TemporaryDirectory
  let journal: string
  let samples: Awaited<ReturnType<typeof makeSamples>>
  beforeEach(async () => {
    dataDir = temporaryDirectory()
    journal = join(dataDir.path, 'journal')
    samples = await makeSamples(dataDir.path)
  })
  afterEach(() => {
    samples.server.close()
    dataDir[Symbol.dispose]()
  })

  it('is the journal’s when it is a plain file with such a name, and else told of and passed over', () => {
    const names = fc.uniqueArray(
      fc.constantFrom(...OUR_NAMES, ...NEWER_NAMES, ...OTHERS_NAMES, ...SYSTEM_NAMES),
    )
    const things = names.chain(names => fc.tuple(...names.map(name => fc.tuple(fc.constant(name), anyKind))))
    fc.assert(
      fc.property(things, things => {
        rmSync(journal, { recursive: true, force: true })
        mkdirSync(journal)
        for (const [name, kind] of things) samples.put(kind, join(journal, name))
        const directory = new JournalDirectory(dataDir.path, OTHER_WRITER)
        directory.open()
        const is = (name: string, kind: string) => kind === 'a file' && OUR_NAMES.includes(name)
        const ours = things.filter(([name, kind]) => is(name, kind) && parseName(name) !== null)
        const isNewer = (name: string, kind: string) => kind === 'a file' && NEWER_NAMES.includes(name)
        const odd = things.filter(
          ([name, kind]) => !is(name, kind) && !isNewer(name, kind) && !SYSTEM_NAMES.includes(name),
        )
        const newer = things.filter(([name, kind]) => isNewer(name, kind) && NEWER_CLICKS.includes(name))
        expect(directory.list().map(({ name }) => name)).to.have.members([
          ...ours.map(([name]) => name),
          writerName(OTHER_WRITER),
        ])
        const usage = directory.usage(Date.now())
        expect(usage.odd).to.have.members(odd.map(([name]) => name))
        expect(usage.newer).to.have.members(newer.map(([name]) => name))
        expect(readdirSync(journal), 'all but unfinished files').to.include.members(
          things.map(([name]) => name).filter(name => !isUnfinished(name)),
        )
      }),
    )
  })

  it('is told of when the disk does not say what it is', () => {
    mkdirSync(journal)
    writeFileSync(join(journal, ticksName(KEY, 0)), encode(KEY, []))
    using _ = replaceInFs({ lstatSync: failing('EIO') as never })
    expect(readEntries(journal)).to.deep.equal({ ...NOTHING, odd: [ticksName(KEY, 0)] })
  })

  it('is nothing when it has gone since the directory was read', () => {
    mkdirSync(journal)
    using _ = replaceInFs({ readdirSync: (() => [ticksName(KEY, 0)]) as never })
    expect(readEntries(journal)).to.deep.equal(NOTHING)
  })

  it('may be clicks of the writer that it is named after', () => {
    const directory = new JournalDirectory(dataDir.path, OTHER_WRITER)
    directory.open()
    expect(directory.hasClicks(WRITER)).to.equal(false)
    samples.put('a loop', join(journal, ticksName(KEY, 0)))
    expect(directory.hasClicks(WRITER)).to.equal(true)
    rmSync(join(journal, ticksName(KEY, 0)))
    samples.put('a file', join(journal, NEWER_CLICKS[0]!))
    expect(directory.hasClicks(WRITER), 'of a newer version').to.equal(true)
  })

  it('is removed though one of it cannot be, and though one has gone', () => {
    const directory = new JournalDirectory(dataDir.path, OTHER_WRITER)
    directory.open()
    const [first, second] = [1, 2].map(sequence => ticksName(KEY, sequence)) as [string, string]
    mkdirSync(join(journal, first))
    writeFileSync(join(journal, second), '')
    expect(() => directory.removeAll([first, ticksName(KEY, 3), second])).to.throw(first)
    expect(directory.list().map(({ name }) => name)).to.deep.equal([writerName(OTHER_WRITER)])
  })
})

const anyKind = fc.constantFrom(...KINDS)

/** One thing of each kind. `put` makes hard links to it. */
async function makeSamples(directory: string) {
  const fifo = join(directory, 'fifo')
  spawnSync('mkfifo', [fifo])
  const socket = join(directory, 'socket')
  const server = await new Promise<Server>(resolve => {
    const created = createServer().listen(socket, () => resolve(created))
  })
  const file = join(directory, 'file')
  writeFileSync(file, 'clicks perhaps')
  const put = (kind: (typeof KINDS)[number], path: string) => {
    if (kind === 'a file') writeFileSync(path, '')
    if (kind === 'a directory') mkdirSync(path)
    if (kind === 'a FIFO') linkSync(fifo, path)
    if (kind === 'a socket') linkSync(socket, path)
    if (kind === 'a dangling link') symlinkSync(`${path} is nowhere`, path)
    if (kind === 'a loop') symlinkSync(path, path)
    if (kind === 'a link') symlinkSync(file, path)
  }
  return { server, put }
}
