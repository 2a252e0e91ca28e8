import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isOfJournal } from './journal-bytes.ts'

/**
 * Preloaded into every thread of a service under test: of the journal's calls of one kind, all from the nth
 * on fail, but for every tenth. Set by CLICKCOUNTER_TEST_FAILING_CALL=name:n, with the name of a function of
 * node:fs.
 */
const [name, after] = (process.env.CLICKCOUNTER_TEST_FAILING_CALL ?? ':0').split(':')
let calls = 0

function pass(call: string): void {
  if (call !== name || ++calls < Number(after) || calls % 10 === 0) return
  throw Object.assign(new Error(`EIO: i/o error, ${call}`), { code: 'EIO' })
}

const { fdatasyncSync, writeSync } = fs

fs.writeSync = ((fd: number, bytes: Buffer, ...rest: never[]) => {
  if (isOfJournal(bytes)) pass('writeSync')
  return writeSync(fd, bytes, ...rest)
}) as typeof fs.writeSync
fs.fdatasyncSync = fd => {
  pass('fdatasyncSync')
  fdatasyncSync(fd)
}
syncBuiltinESMExports()
