import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isOfJournal } from './journal-bytes.ts'

/**
 * Preloaded into every thread of a service under test: from the nth on, all calls of one function of node:fs by the
 * journal fail, except every tenth. CLICKCOUNTER_TEST_FAILING_CALL=name:n names the function.
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
