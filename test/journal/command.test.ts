import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { ticksName } from '../../lib/journal/files/names.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { BOT, VALID } from '../../lib/rows/classes.ts'
import { keyedBulkOf } from '../../lib/rows/keyed-bulk.ts'
import { encode, KEY, recordOf, type TemporaryDirectory, temporaryDirectory } from './journal-support.ts'
import { encodeVersion1, ticksNameVersion1 } from './version-1.ts'

const COMMAND = fileURLToPath(new URL('../../lib/journal/tools/command.ts', import.meta.url))
/** 2024-12-12T10:00Z. */
const MINUTE = 28_899_960
const NAME = ticksName(KEY, 0)
const DUMP = '2024-12-12T10:00:00Z 1 2\n2024-12-12T10:00:00Z 7 1\n2024-12-12T10:01:00Z 7 3\n'

describe('the journal command', () => {
  let directory: TemporaryDirectory
  let path: string
  beforeEach(() => {
    directory = temporaryDirectory()
    const journal = join(directory.path, 'journal')
    mkdirSync(join(journal, 'damaged'), { recursive: true })
    path = join(journal, NAME)
    writeFileSync(path, content())
  })
  afterEach(() => directory[Symbol.dispose]())

  it('lists what waits and what was put aside', () => {
    writeFileSync(join(directory.path, 'journal', 'damaged', NAME), damaged())
    const { status, stdout } = run('list')
    expect(status).to.equal(0)
    expect(stdout.split('\n')).to.have.lengthOf(3)
    expect(stdout).to.match(
      new RegExp(`writer ${KEY.writer}, generation 7, ${content().length} bytes, 6 clicks\n`),
    )
    expect(stdout).to.match(/clicks, damaged\n/)
  })

  it('says where it looked when there is no journal', () => {
    rmSync(join(directory.path, 'journal'), { recursive: true })
    for (const command of ['list', 'verify', 'adopt']) {
      const { status, stdout, stderr } = run(command)
      expect({ status, stdout }, command).to.deep.equal({ status: 1, stdout: '' })
      expect(stderr, command)
        .to.include(`journal: there is no journal in ${directory.path}: `)
        .and.to.include('CLICKCOUNTER_DATA_DIR')
    }
  })

  it('verifies all files, and exits 1 when one is damaged', () => {
    expect(run('verify')).to.deep.include({
      status: 0,
      stdout: `${path}: good, 2 records, 6 clicks\n1 file, 0 damaged\n`,
    })
    writeFileSync(path, damaged())
    expect(run('verify')).to.deep.include({
      status: 1,
      stdout: `${path}: DAMAGED, readable are 1 record, 3 clicks\n1 file, 1 damaged\n`,
    })
  })

  it('verifies what is kept and what was put aside as well', () => {
    for (const place of ['stored', 'aside']) {
      mkdirSync(join(directory.path, 'journal', place))
      writeFileSync(join(directory.path, 'journal', place, NAME), content())
    }
    expect(run('verify').stdout).to.match(/\n3 files, 0 damaged\n$/)
  })

  it('says of files that a newer version has written that they are left to it, and does not call them damaged', () => {
    const byName = join(directory.path, 'journal', `${KEY.writer}.8.0-0.ticks3`)
    writeFileSync(byName, 'clicks perhaps')
    writeFileSync(path, Buffer.concat([content(), recordOf([6, 5])]))
    const left = (what: string) => `left to the newer version of this program that wrote it (it has ${what})`
    const [inContent, inName] = [left('a record of kind 6'), left('a name of a newer version')]
    expect(run('verify')).to.deep.include({
      status: 1,
      stdout: `${path}: ${inContent}\n${byName}: ${inName}\n2 files, 0 damaged, 2 of a newer version\n`,
    })
    expect(run('list')).to.deep.include({
      status: 0,
      stdout: `${path}: ${content().length + 24} bytes, ${inContent}\n${byName}: 14 bytes, ${inName}\n`,
    })
    expect(run('dump', path)).to.deep.include({ status: 1, stdout: DUMP })
    expect(run('dump', path).stderr).to.include('a newer version of this program wrote it')
  })

  it('adopts nothing when a newer version has written a file that was put aside', () => {
    mkdirSync(join(directory.path, 'journal', 'aside'))
    writeFileSync(
      join(directory.path, 'journal', 'aside', NAME),
      Buffer.concat([content(), recordOf([6, 5])]),
    )
    const before = readdirSync(join(directory.path, 'journal'), { recursive: true })
    const { status, stderr } = run('adopt')
    expect(status).to.equal(1)
    expect(stderr).to.match(new RegExp(`^journal: ${NAME} was written by a newer version of this program`))
    expect(readdirSync(join(directory.path, 'journal'), { recursive: true })).to.have.members(before)
  })

  it('reads what 1.0.0 has left', () => {
    const old = join(directory.path, 'journal', ticksNameVersion1(KEY, 0))
    writeFileSync(old, encodeVersion1(KEY, [[MINUTE, new Map([[1, 2]])]]))
    expect(run('verify', old).stdout).to.equal(`${old}: good, 1 record, 2 clicks\n1 file, 0 damaged\n`)
    expect(run('dump', old).stdout).to.equal('2024-12-12T10:00:00Z 1 2\n')
    expect(run('list').stdout).to.include(`${old}: writer ${KEY.writer}, generation 7, 68 bytes, 2 clicks\n`)
  })

  it('dumps the class of clicks that are not valid', () => {
    writeFileSync(path, encode(KEY, [[MINUTE, new Map([[1, 2]])], [MINUTE, new Map([[1, 3]]), BOT]])) // biome-ignore format: a table
    expect(run('dump', path).stdout).to.equal('2024-12-12T10:00:00Z 1 2\n2024-12-12T10:00:00Z 1 3 bot\n')
  })

  it('shows the bulks that have keys, and the key beside their clicks', () => {
    writeFileSync(path, Buffer.concat([content(), keyedBulk()]))
    const dumped = ['1 2', '7 3 bot'].map(text => `2024-12-12T10:00:00Z ${text} key=order-17\n`)
    expect(run('dump', path)).to.deep.include({ status: 0, stdout: `${DUMP}${dumped.join('')}` })
    expect(run('verify').stdout).to.equal(
      `${path}: good, 3 records, 11 clicks (with 1 keyed bulk)\n1 file, 0 damaged\n`,
    )
    expect(run('list').stdout).to.include(' bytes, 11 clicks (with 1 keyed bulk)\n')
  })

  it('dumps minute, banner and clicks of a file', () => {
    expect(run('dump', path)).to.deep.include({
      status: 0,
      stdout: DUMP,
    })
  })

  it('says that what it prints cannot be written, and that once', () => {
    const readOnly = openSync(path, 'r')
    const { status, stderr } = runInto(readOnly, 'dump', path)
    closeSync(readOnly)
    expect(stderr).to.match(/^the standard output could not be written: EBADF.*\n$/)
    expect(status).to.equal(1)
  })

  const refusals = [
    { title: 'no command', args: [], says: /Usage: npm run journal/ },
    {
      title: 'an unknown command',
      args: ['remove'],
      says: /journal: "remove" is not a command\n\nUsage: npm run journal/,
    },
    { title: 'nothing to dump', args: ['dump'], says: /name one FILE to dump\n/ },
    {
      title: 'a file of another kind',
      args: ['dump', '/etc/hostname'],
      says: /not named like a file of clicks/,
    },
  ]
  for (const { title, args, says } of refusals)
    it(`refuses ${title} and says what would be right`, () => {
      const { status, stderr } = run(...args)
      expect(status).to.equal(1)
      expect(stderr).to.match(says)
    })

  function run(...args: readonly string[]) {
    return runInto('pipe', ...args)
  }

  function runInto(output: 'pipe' | number, ...args: readonly string[]) {
    const env = { PATH: process.env.PATH, CLICKCOUNTER_DATA_DIR: directory.path }
    return spawnSync(process.execPath, [COMMAND, ...args], {
      env,
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['pipe', output, 'pipe'],
    })
  }
})

function content(): Buffer {
  return encode(KEY, [
    [
      MINUTE,
      new Map([
        [1, 2],
        [7, 1],
      ]),
    ],
    [MINUTE + 1, new Map([[7, 3]])],
  ])
}

/** A record. */
function keyedBulk(): Buffer {
  const records = new RecordBuffer()
  records.addKeyed(
    keyedBulkOf({
      key: 'order-17',
      fingerprint: '0'.repeat(32),
      minute: MINUTE,
      parts: [
        { clickClass: VALID, pairs: Int32Array.of(1, 2), clicks: 2 },
        { clickClass: BOT, pairs: Int32Array.of(7, 3), clicks: 3 },
      ],
    }),
  )
  return records.filled
}

/** With a wrong bit in the clicks of the first record. */
function damaged(): Buffer {
  const bytes = content()
  bytes[68]! ^= 1
  return bytes
}
