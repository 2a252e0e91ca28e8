import { execFileSync } from 'node:child_process'
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
import { expect } from 'chai'
import pino from 'pino'
import { AccessFile } from '../../lib/access-watch/access-file.ts'
import { newKey, snapshotOf } from '../support/keys.ts'

describe('the file of the keys', () => {
  let directory: string
  let lines: string[]
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-access-'))
    lines = []
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const path = () => join(directory, 'access.json')
  const open = () =>
    new AccessFile(directory, pino({ level: 'info' }, { write: (line: string) => lines.push(line) }))
  const snapshot = snapshotOf([newKey(['read']), newKey(['read'], 1_700_000_000_000)])

  it('gives back what was confirmed, with the time of that, to its user alone', async () => {
    const earliestMs = Date.now()
    await open().confirmed(snapshot)
    const kept = (await open().read())!
    expect(kept.snapshot).to.deep.equal(snapshot)
    // Times of files have a clock of their own, which is a few milliseconds behind.
    expect(kept.confirmedAtMs).to.be.within(earliestMs - 20, Date.now() + 20)
    expect(statSync(path()).mode & 0o777).to.equal(0o600)
    expect(readdirSync(directory)).to.deep.equal(['access.json'])
    expect(lines).to.deep.equal([])
  })

  it('is not there at first, which is no fault', async () => {
    expect(await open().read()).to.equal(null)
    expect(lines).to.deep.equal([])
  })

  it('is replaced as a whole by what is confirmed later, whatever a killed process has left beside it', async () => {
    writeFileSync(join(directory, 'access.json.new'), '{"half')
    const file = open()
    await file.confirmed(snapshot)
    const next = snapshotOf([])
    await file.confirmed(next)
    expect((await open().read())!.snapshot).to.deep.equal(next)
    expect(readdirSync(directory)).to.deep.equal(['access.json'])
  })

  it('gets a new time, and no new content, when the same is confirmed again after a start', async () => {
    await open().confirmed(snapshot)
    utimesSync(path(), 1000, 1000)
    const { ino } = statSync(path())
    const file = open()
    expect((await file.read())!.confirmedAtMs).to.equal(1_000_000)
    await file.confirmed(snapshot)
    expect(statSync(path()).ino).to.equal(ino)
    expect(Date.now() - (await open().read())!.confirmedAtMs).to.be.below(1000)
  })

  describe('that is damaged or of a newer version is ignored with a warning, stays, and is replaced later:', () => {
    const damages: Record<string, (text: string) => string> = {
      'an empty one': () => '',
      'half of it': text => text.slice(0, text.length / 2),
      'another letter in a hash': text =>
        text.replace(/("hash":")(.)/, (_, begin, letter) => `${begin}${letter === 'a' ? 'b' : 'a'}`),
      'a key less': text => text.replace(/\{"id":[^}]*\},/, ''),
      null: () => 'null',
      'a list': () => '[]',
      'another JSON': () => '{"snapshot":{"keys":[]}}',
      'no snapshot': () => '{"format":1}',
      'a newer format': text => text.replace('"format":1', '"format":2'),
      'bytes that are no text': () => '\0\uFFFD',
    }
    for (const [what, damage] of Object.entries(damages))
      it(what, async () => {
        await open().confirmed(snapshot)
        const good = readFileSync(path(), 'utf8')
        const bad = damage(good)
        expect(bad).not.to.equal(good)
        writeFileSync(path(), bad)
        const file = open()
        expect(await file.read()).to.equal(null)
        expect(readFileSync(path(), 'utf8')).to.equal(bad)
        expect(lines).to.have.length(1)
        expect(lines[0]).to.include('"level":40').and.to.include('is ignored')
        if (what === 'a newer format') expect(lines[0]).to.include('format 2')
        for (const { hash } of snapshot.keys) expect(lines[0]).not.to.include(hash)
        await file.confirmed(snapshot)
        expect((await open().read())!.snapshot).to.deep.equal(snapshot)
      })
  })

  it('that cannot be read is ignored with a warning', async () => {
    mkdirSync(path())
    expect(await open().read()).to.equal(null)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include('EISDIR')
  })

  const strange: Record<string, () => void> = {
    'a FIFO': () => execFileSync('mkfifo', [path()]),
    'so long that to read it would take seconds': () => {
      writeFileSync(path(), '')
      truncateSync(path(), 2 ** 40)
    },
  }
  for (const [what, make] of Object.entries(strange))
    it(`that is ${what} is ignored with a warning, and holds up no start`, async () => {
      make()
      const file = open()
      expect(await file.read()).to.equal(null)
      expect(lines).to.have.length(1)
      expect(lines[0]).to.include('it is none that this service writes')
      await file.confirmed(snapshot)
      expect((await open().read())!.snapshot).to.deep.equal(snapshot)
    })

  it('that cannot be written is told once, and not tried again at once', async () => {
    const file = open()
    mkdirSync(join(path(), 'full'), { recursive: true })
    for (let time = 0; time < 3; time++) await file.confirmed(snapshot)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include('"level":40').and.to.include('cannot be written')
    rmSync(path(), { recursive: true })
    await file.confirmed(snapshot)
    expect(await open().read()).to.equal(null)
  })
})
