import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { StartError } from '../../lib/base/errors.ts'
import { holdDirectory } from '../../lib/exclusive/directory.ts'
import { collectGarbage } from '../support/garbage.ts'
import { startErrorOf, startHolder, withoutRoot } from './holders.ts'

describe('data directory', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'clickcounter-exclusive-'))
    // The unprivileged user of some tests needs access.
    chmodSync(root, 0o755)
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('is made where it is missing: others may pass through it, not look', () => {
    const dataDir = join(root, 'some', 'where')
    holdDirectory(dataDir).release()
    expect(statSync(dataDir).mode & 0o777).to.equal(0o711)
    expect(statSync(join(dataDir, 'lock')).mode & 0o777).to.equal(0o600)
  })

  it('is refused to a second process, which is told what would be right', async () => {
    const held = holdDirectory(root)
    const second = await startHolder('directory', root)
    expect(second.line).to.equal(
      `StartError DATA_DIR_IN_USE the data directory ${root} is in use by another clickcounter; stop that one, or set CLICKCOUNTER_DATA_DIR to another directory`,
    )
    held.release()
    const third = await startHolder('directory', root)
    expect(third.line).to.equal('held')
    await third.kill()
  })

  it('is refused to a second start in the same process', async () => {
    const held = holdDirectory(root)
    expect((await startErrorOf(() => holdDirectory(root))).code).to.equal('DATA_DIR_IN_USE')
    held.release()
    holdDirectory(root).release()
  })

  it('stays held when the holder has dropped the returned object', async () => {
    holdDirectory(root)
    await finalizeGarbage()
    expect((await startErrorOf(() => holdDirectory(root))).code).to.equal('DATA_DIR_IN_USE')
  })

  it('is free again when its holder was killed', async () => {
    const holder = await startHolder('directory', root)
    expect(holder.line).to.equal('held')
    expect((await startErrorOf(() => holdDirectory(root))).code).to.equal('DATA_DIR_IN_USE')
    await holder.kill()
    holdDirectory(root).release()
  })

  it('goes to one of several starts at the same moment', async () => {
    const holders = await Promise.all(Array.from({ length: 4 }, () => startHolder('directory', root)))
    await Promise.all(holders.map(holder => holder.kill()))
    expect(holders.filter(holder => holder.line === 'held')).to.have.lengthOf(1)
  })

  /** What is in the way, and a function that makes it and returns the directory to hold. */
  const obstacles: Record<string, () => string> = {
    'a file in its place': () => {
      writeFileSync(join(root, 'file'), 'precious')
      return join(root, 'file')
    },
    'a file on the way to it': () => {
      writeFileSync(join(root, 'file'), 'precious')
      return join(root, 'file', 'data')
    },
    'a directory for a lock': () => {
      mkdirSync(join(root, 'lock'))
      return root
    },
    'something else in the lock': () => {
      writeFileSync(join(root, 'lock'), 'precious')
      return root
    },
    'no right to write in it': () => {
      chmodSync(root, 0o555)
      return root
    },
    'no right to make it': () => {
      chmodSync(root, 0o555)
      return join(root, 'data')
    },
    'a lock that another user owns': () => {
      holdDirectory(root).release()
      return root
    },
    'a name that is too long': () => join(root, 'x'.repeat(300)),
    'a path that is too long': () => join(root, ...Array(5).fill('x'.repeat(100))),
    'a path that is not UTF-8': () => join(root, Buffer.from([0xe4]).toString()),
  }
  /** Only for a user who does not own the lock already. */
  if (process.geteuid!() !== 0) delete obstacles['a lock that another user owns']

  for (const [obstacle, prepare] of Object.entries(obstacles))
    it(`stops the start with a clear message when there is ${obstacle}`, async () => {
      const dataDir = prepare()
      const error = await withoutRoot(() => startErrorOf(() => holdDirectory(dataDir)))
      expect(error).to.be.instanceOf(StartError)
      expect(error.code).to.equal('DATA_DIR_UNUSABLE')
      const start = `the data directory ${dataDir} cannot be used (`
      const end = '); set CLICKCOUNTER_DATA_DIR to a directory that this user owns and can write to'
      expect(error.message.slice(0, start.length)).to.equal(start)
      expect(error.message.slice(-end.length)).to.equal(end)
      expect(error.cause).to.be.instanceOf(Error)
    })

  it('is not made, nor anything above it, when its path is refused', async () => {
    const [tooLong, notUtf8] = [
      obstacles['a path that is too long']!(),
      obstacles['a path that is not UTF-8']!(),
    ]
    for (const dataDir of [tooLong, notUtf8]) await startErrorOf(() => holdDirectory(dataDir))
    expect(readdirSync(root)).to.deep.equal([])
  })

  if (process.platform === 'linux')
    for (const dataDir of [
      '/proc/clickcounter',
      '/proc/clickcounter/data',
      '/proc',
      '/sys/clickcounter',
      '/dev/null',
    ])
      it(`is refused at once as ${dataDir}`, async () => {
        expect((await startErrorOf(() => holdDirectory(dataDir))).code).to.equal('DATA_DIR_UNUSABLE')
      })

  for (const name of ['"$HOME" `id` \'a\\', 'file:x?mode=ro#%41', '-ä 🖱', 'x'.repeat(200)])
    it(`may be called ${name}`, () => {
      const dataDir = join(root, name)
      holdDirectory(dataDir).release()
      expect(readdirSync(root)).to.deep.equal([name])
      expect(readdirSync(dataDir)).to.deep.equal(['lock'])
    })

  it('is held for all names it has', async () => {
    symlinkSync(root, `${root}-link`)
    try {
      const held = holdDirectory(root)
      expect((await startErrorOf(() => holdDirectory(`${root}-link`))).code).to.equal('DATA_DIR_IN_USE')
      held.release()
    } finally {
      rmSync(`${root}-link`)
    }
  })

  it('needs no room on its disk: a service must start on a full one to free it', () => {
    const held = holdDirectory(root)
    expect(readdirSync(root).map(name => statSync(join(root, name)).size)).to.deep.equal([0])
    held.release()
  })

  it('leaves a file alone that is not its own', async () => {
    const dataDir = obstacles['something else in the lock']!()
    await startErrorOf(() => holdDirectory(dataDir))
    expect(readFileSync(join(root, 'lock'), 'utf8')).to.equal('precious')
  })
})

/** Collects garbage, and lets the finalizers run. */
async function finalizeGarbage(): Promise<void> {
  for (let nth = 0; nth < 3; nth++) {
    collectGarbage()
    await setImmediate()
  }
}
