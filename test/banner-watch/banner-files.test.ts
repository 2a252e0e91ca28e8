import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import pino from 'pino'
import { BannerFiles } from '../../lib/banner-watch/banner-files.ts'
import { emptyOverlay } from '../../lib/banner-watch/merge.ts'
import { readTable } from '../../lib/banner-watch/table-file.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { MAX_TABLE_BYTES, WORD } from '../../lib/banners/table-layout.ts'
import { newRevision } from '../support/banners.ts'
import { until } from '../support/until.ts'
import { bannersIn, PLAIN } from './tables.ts'

/** They fill more than one piece of the file. */
const MANY = 30_000
const FEW = 100
const LARGE_MEBIBYTES = 48
/** Made once: else the heap would hold many of them for a while. */
const MEBIBYTE = 'x'.repeat(2 ** 20)
const KILLS = 5
const MOST_WRITING_MS = 60
const WRITER = fileURLToPath(new URL('writing-files.ts', import.meta.url))

describe('the files of the banners', () => {
  let directory: string
  let lines: string[]
  let tables: BannerTables
  before(async () => {
    tables = await newTables(FEW)
  })
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-banners-'))
    lines = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  async function newTables(count: number): Promise<BannerTables> {
    const base = new TableBuilder()
    for (let id = 1; id <= count; id++) base.put({ ...PLAIN, id, target: `https://a.example/${id}` })
    return await withOverlay(await base.build(newRevision(), null))
  }
  async function withOverlay(base: BannerTables['base']): Promise<BannerTables> {
    const overlay = new TableBuilder()
    overlay.put({ ...PLAIN, id: 2, target: 'https://b.example/2' })
    overlay.remove(1)
    return { base, overlay: await overlay.build(newRevision(), base) }
  }
  const path = (name: string) => join(directory, name)
  const open = () =>
    new BannerFiles(directory, pino({ level: 'info' }, { write: (line: string) => lines.push(line) }))
  const kept = async () => (await open().read())!.snapshot
  const inodes = () => ['banners.base', 'banners.changes'].map(name => statSync(path(name)).ino)

  it('give back what was confirmed, with the time of that, to their user alone', async () => {
    const earliestMs = Date.now()
    const tables = await newTables(MANY)
    await open().confirmed(tables)
    const { snapshot, confirmedAtMs } = (await open().read())!
    expect(bannersIn(snapshot)).to.deep.equal(bannersIn(tables))
    expect(snapshot.overlay).to.include({
      revision: tables.overlay.revision,
      token: tables.overlay.token,
      database: tables.overlay.database,
    })
    // Times of files have a clock of their own, which is a few milliseconds behind.
    expect(confirmedAtMs).to.be.within(earliestMs - 20, Date.now() + 20)
    expect(readdirSync(directory)).to.deep.equal(['banners.base', 'banners.changes'])
    for (const name of readdirSync(directory)) expect(statSync(path(name)).mode & 0o777).to.equal(0o600)
    expect(lines).to.deep.equal([])
  })

  it('are not there at first, which is no fault', async () => {
    expect(await open().read()).to.equal(null)
    expect(lines).to.deep.equal([])
  })

  it('have their base written once, and then the changes alone', async () => {
    const files = open()
    await files.confirmed(tables)
    const [base, changes] = inodes()
    const next = await withOverlay(tables.base)
    await files.confirmed(next)
    expect(inodes()[0]).to.equal(base)
    expect(inodes()[1]).not.to.equal(changes)
    expect((await kept()).overlay.token).to.equal(next.overlay.token)
    const again = open()
    await again.read()
    await again.confirmed(await withOverlay(tables.base))
    expect(inodes()[0], 'after a start').to.equal(base)
  })

  it('get a new time, and no new content, when the same is confirmed again after a start', async () => {
    await open().confirmed(tables)
    for (const name of readdirSync(directory)) utimesSync(path(name), 1000, 1000)
    const before = inodes()
    const files = open()
    const { snapshot, confirmedAtMs } = (await files.read())!
    expect(confirmedAtMs).to.equal(1_000_000)
    await files.confirmed(snapshot)
    expect(inodes()).to.deep.equal(before)
    expect(Date.now() - (await open().read())!.confirmedAtMs).to.be.below(1000)
  })

  it('are both written again where they were deleted', async () => {
    const files = open()
    await files.confirmed(tables)
    for (const name of readdirSync(directory)) rmSync(path(name))
    await files.confirmed(await withOverlay(tables.base))
    expect(bannersIn(await kept())).to.deep.equal(bannersIn(tables))
  })

  it('hold the memory of an overlay as it was, although another one is built in it meanwhile', async () => {
    const writing = open().confirmed(tables)
    const { overlay } = tables
    const saved = new Uint8Array(overlay.buffer).slice()
    new Uint8Array(overlay.buffer).fill(0xff)
    await writing
    new Uint8Array(overlay.buffer).set(saved)
    expect(bannersIn(await kept())).to.deep.equal(bannersIn(tables))
  })

  it('are those of the base alone where the changes belong to another one', async () => {
    await open().confirmed(tables)
    const changes = readFileSync(path('banners.changes'))
    const base = await new TableBuilder().build(newRevision(), null)
    await open().confirmed({ base, overlay: await emptyOverlay(base) })
    writeFileSync(path('banners.changes'), changes)
    const { base: keptBase, overlay } = await kept()
    expect([keptBase.token, overlay.token, overlay.entries]).to.deep.equal([base.token, base.token, 0])
    expect(lines).to.deep.equal([])
  })

  it('are ignored with a warning where the changes have the name of the base', async () => {
    await open().confirmed(tables)
    writeFileSync(path('banners.base'), readFileSync(path('banners.changes')))
    const files = open()
    expect(await files.read()).to.equal(null)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include('banners.base is ignored')
    await files.confirmed(tables)
    expect(bannersIn(await kept())).to.deep.equal(bannersIn(tables))
  })

  describe('that are damaged or of a newer version are ignored with a warning, stay, and are replaced later:', () => {
    const header = (word: number, value: number) => (bytes: Buffer) => {
      bytes.writeUInt32LE(value, word * 4)
      return bytes
    }
    const flip = (at: (length: number) => number) => (bytes: Buffer) => {
      bytes[at(bytes.length)]! ^= 1
      return bytes
    }
    const damages: Record<string, (bytes: Buffer) => Buffer> = {
      'an empty one': () => Buffer.alloc(0),
      'a part of a header': bytes => bytes.subarray(0, 100),
      'a header alone': bytes => bytes.subarray(0, 192),
      'half of it': bytes => bytes.subarray(0, bytes.length >> 1),
      'a byte less': bytes => bytes.subarray(0, -1),
      'a byte more': bytes => Buffer.concat([bytes, Buffer.alloc(1)]),
      'zeros in its place': bytes => Buffer.alloc(bytes.length),
      'a text': () => Buffer.from('x'.repeat(1000)),
      'another letter in a target': flip(() => 300),
      'another place in the index': flip(length => length - 100),
      'another checksum': flip(length => length - 1),
      'more slots than it has room for': header(WORD.slots, 2 ** 31),
      'a newer format': header(WORD.format, 2),
    }
    for (const [what, damage] of Object.entries(damages))
      it(what, async () => {
        for (const name of ['banners.base', 'banners.changes']) {
          await open().confirmed(tables)
          const bad = damage(Buffer.from(readFileSync(path(name))))
          writeFileSync(path(name), bad)
          const files = open()
          const read = await files.read()
          if (name === 'banners.base') expect(read).to.equal(null)
          else expect(read!.snapshot.overlay.entries).to.equal(0)
          expect(readFileSync(path(name)).equals(bad)).to.equal(true)
          const warnings = lines.splice(0)
          expect(warnings).to.have.length(1)
          expect(warnings[0]).to.include('"level":40').and.to.include(`${name} is ignored`)
          if (what === 'a newer format') expect(warnings[0]).to.include('format 2')
          await files.confirmed(tables)
          expect(bannersIn(await kept())).to.deep.equal(bannersIn(tables))
        }
      })
  })

  const strange: Record<string, (path: string) => void> = {
    'a directory': path => mkdirSync(path),
    'a FIFO': path => execFileSync('mkfifo', [path]),
    'longer than any table may be': path => {
      writeFileSync(path, '')
      truncateSync(path, MAX_TABLE_BYTES + 1000)
    },
  }
  for (const [what, make] of Object.entries(strange))
    it(`that are ${what} are ignored with a warning, and hold up no start`, async () => {
      make(path('banners.base'))
      expect(await open().read()).to.equal(null)
      expect(lines).to.have.length(1)
      expect(lines[0]).to.include('it is none that this service writes')
    })

  it('that cannot be written are told once, and leave nothing on the disk', async () => {
    const files = open()
    mkdirSync(join(path('banners.base'), 'full'), { recursive: true })
    for (let time = 0; time < 3; time++) await files.confirmed(tables)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include('"level":40').and.to.include('cannot be written')
    expect(readdirSync(directory)).to.deep.equal(['banners.base'])
  })

  it('are whole at every moment while others are written', async () => {
    const [first, second] = [await newTables(MANY), await newTables(MANY)]
    const files = open()
    await files.confirmed(first)
    let isWritten = false
    const writing = files.confirmed(second).finally(() => (isWritten = true))
    const tokens = new Set<string>()
    while (!isWritten)
      for (const name of ['banners.base', 'banners.changes'])
        tokens.add((await readTable(path(name))).table.token)
    await writing
    const all = [first, second].flatMap(({ base, overlay }) => [base.token, overlay.token])
    for (const token of tokens) expect(token).to.be.oneOf(all)
    expect(tokens.size).to.be.at.least(2)
  })

  it('leave no base in memory once it is written and another one has its place', async () => {
    const files = open()
    const writeNext = async () => {
      const builder = new TableBuilder()
      for (let id = 1; id <= LARGE_MEBIBYTES; id++) builder.put({ ...PLAIN, id, target: MEBIBYTE })
      const base = await builder.build(newRevision(), null)
      await files.confirmed({ base, overlay: await emptyOverlay(base) })
    }
    const grownFrom = process.memoryUsage.rss()
    for (let base = 0; base < 4; base++) await writeNext()
    // The last one may still be there.
    await until(() => (process.memoryUsage.rss() - grownFrom) / 2 ** 20 < 1.5 * LARGE_MEBIBYTES)
  })

  it('are read without what a killed process has left beside them, which is deleted', async () => {
    await open().confirmed(tables)
    for (const name of readdirSync(directory)) writeFileSync(path(`${name}.new`), 'half')
    expect(bannersIn(await kept())).to.deep.equal(bannersIn(tables))
    expect(readdirSync(directory)).to.deep.equal(['banners.base', 'banners.changes'])
  })

  it('are whole whenever the process that writes them is killed', async () => {
    const revisions: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = spawn(process.execPath, [WRITER, directory, String(kill)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(writer.stdout, 'data')
      await delay(Math.random() * MOST_WRITING_MS)
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const tables = await kept()
      const targets = new Set(bannersIn(tables).map(({ target }) => target))
      // All of a base are alike, and an overlay changes one of them.
      expect(targets.size).to.equal(tables.overlay.entries === 0 ? 1 : 2)
      revisions.push(tables.overlay.revision)
    }
    expect(lines).to.deep.equal([])
    expect(new Set(revisions).size, 'each one has written').to.equal(KILLS)
  })
})
