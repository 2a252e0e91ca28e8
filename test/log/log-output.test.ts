import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { LogOutput } from '../../lib/log/log-output.ts'
import { replaceInFs, systemError } from '../journal/journal-support.ts'

describe('the output of the log', () => {
  let directory: string
  const descriptors: number[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-log-'))
  })
  afterEach(() => {
    for (const fd of descriptors.splice(0)) closeSync(fd)
    rmSync(directory, { recursive: true })
  })

  it('drops what a full disk does not take, counts it, and tells the number when there is room again', () => {
    const file = join(directory, 'log')
    const output = new LogOutput(open(file, 'a'))
    output.write('first\n')
    {
      using _ = diskWithRoomFor(4)
      for (const line of ['second\n', 'third\n']) output.write(line)
      output.retry()
      expect(output.failure).to.have.property('code', 'ENOSPC')
    }
    output.write('fourth\n')
    const [first, torn, told, ...rest] = readFileSync(file, 'utf8').split('\n')
    expect([first, torn, ...rest]).to.deep.equal(['first', 'seco', 'fourth', ''])
    expect(JSON.parse(told!)).to.include({
      level: 40,
      dropped: 2,
      msg: '2 lines of the log could not be written',
    })
    expect(output).to.include({ failure: null, droppedEver: 2 })
  })

  it('tells the number when there is nothing else to tell', () => {
    const file = join(directory, 'log')
    const output = new LogOutput(open(file, 'a'))
    {
      using _ = diskWithRoomFor(0)
      output.write('first\n')
    }
    output.retry()
    output.retry()
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ dropped: 1 })
  })

  it('does not wait for the reader of a full pipe, while others that write into it still wait', () => {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = open(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const shared = open(pipe, 'w')
    const output = new LogOutput(shared)
    fill(pipe)
    output.write('first\n')
    expect(output.failure).to.have.property('code', 'EAGAIN')
    expect(isNonBlocking(shared)).to.equal(false)

    readSync(reader, Buffer.alloc(8192))
    output.write('second\n')
    expect(output).to.include({ failure: null, droppedEver: 1 })
  })

  it('survives the reader', () => {
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const output = new LogOutput(open(pipe, 'w'))
    closeSync(reader)
    output.write('first\n')
    expect(output.failure).to.have.property('code', 'EPIPE')
  })

  function open(path: string, flags: string | number): number {
    const fd = openSync(path, flags)
    descriptors.push(fd)
    return fd
  }

  function fill(pipe: string): void {
    const fd = open(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    for (const bytes of [4096, 1])
      try {
        for (;;) writeSync(fd, Buffer.alloc(bytes))
      } catch (error) {
        expect(error).to.have.property('code', 'EAGAIN')
      }
  }
})

/** Like a real one, it takes as much of the last line as there is room for. */
function diskWithRoomFor(roomBytes: number): Disposable {
  return replaceInFs({
    writeSync: ((fd: number, bytes: Buffer, offset: number) => {
      if (roomBytes === 0) throw systemError('ENOSPC')
      const takenBytes = Math.min(roomBytes, bytes.length - offset)
      roomBytes -= takenBytes
      return writeSyncOf(fd, bytes.subarray(offset, offset + takenBytes))
    }) as typeof import('node:fs').writeSync,
  })
}

const writeSyncOf = writeSync

function isNonBlocking(fd: number): boolean {
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]!
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0
}
