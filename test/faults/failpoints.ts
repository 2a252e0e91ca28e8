import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import pg from 'pg'
import { isOfJournal } from './journal-bytes.ts'

/**
 * Preloaded into every thread of a service under test: kills the process when it passes a named point for the nth time.
 * Set by CLICKCOUNTER_TEST_FAILPOINT=name:n. The points are around the product's own calls, so that the product needs
 * none inside.
 */
const [name, times] = (process.env.CLICKCOUNTER_TEST_FAILPOINT ?? ':0').split(':')
let left = Number(times)

function pass(point: string): void {
  if (point === name && --left === 0) die()
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal may arrive a moment later. Until then, this thread must do nothing more.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const { writeSync, renameSync } = fs

fs.writeSync = ((fd: number, bytes: Buffer, ...rest: never[]) => {
  if (isOfJournal(bytes) && name === 'middle-of-journal-write' && --left === 0) {
    writeSync(fd, bytes.subarray(0, bytes.length / 2))
    die()
  }
  const written = writeSync(fd, bytes, ...rest)
  if (isOfJournal(bytes)) pass('after-journal-write')
  return written
}) as typeof fs.writeSync
fs.renameSync = (from, to) => {
  pass('before-rename')
  renameSync(from, to)
  pass('after-rename')
}
syncBuiltinESMExports()

// Load after the patches: these modules take their functions from node:fs when they are loaded.
const { Ring } = await import('../../lib/ring/ring.ts')
const { Generations } = await import('../../lib/ring/generations.ts')

around(Ring.prototype, 'add', 'before-add', 'after-add')
around(Ring.prototype, 'rows', 'before-rows', 'after-rows')
around(Ring.prototype, 'clear', 'before-clear', 'after-clear')
around(Generations.prototype, 'flip', 'before-flip', 'after-flip')

const query = pg.Client.prototype.query
pg.Client.prototype.query = async function (this: pg.Client, ...args: Parameters<typeof query>) {
  const isCommit = (args as unknown[])[0] === 'COMMIT'
  if (isCommit) pass('before-commit')
  const result = await (query as (...args: unknown[]) => unknown).apply(this, args)
  if (isCommit) pass('after-commit')
  return result
} as unknown as typeof query

function around<T extends object>(
  prototype: T,
  method: keyof T & string,
  before: string,
  after: string,
): void {
  const original = prototype[method] as (...args: unknown[]) => unknown
  prototype[method] = function (this: T, ...args: unknown[]) {
    pass(before)
    const result = original.apply(this, args)
    pass(after)
    return result
  } as T[typeof method]
}
