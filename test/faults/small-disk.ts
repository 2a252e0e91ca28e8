import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { isOfJournal } from './journal-bytes.ts'

/**
 * Preloaded into every thread of a service under test, for machines that cannot mount a small disk. The journal's
 * directory has room for CLICKCOUNTER_TEST_DISK_BYTES. As on a real disk, the last write before the disk is full writes
 * only what fits, the next one fails, and a deleted file makes room.
 */
const diskBytes = Number(process.env.CLICKCOUNTER_TEST_DISK_BYTES)
const directory = join(process.env.CLICKCOUNTER_DATA_DIR!, 'journal')
const { writeSync } = fs

fs.writeSync = ((fd: number, bytes: Buffer, offset: number, ...rest: never[]) => {
  if (!isOfJournal(bytes)) return writeSync(fd, bytes, offset, ...rest)
  const leftBytes = diskBytes - usedBytes()
  if (leftBytes <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  return writeSync(fd, bytes, offset, Math.min(bytes.length - offset, leftBytes))
}) as typeof fs.writeSync
syncBuiltinESMExports()

/** A file may be deleted meanwhile. */
function usedBytes(): number {
  return fs
    .readdirSync(directory, { recursive: true })
    .map(name => fs.statSync(join(directory, String(name)), { throwIfNoEntry: false }))
    .reduce((sum, status) => sum + (status?.isFile() ? status.size : 0), 0)
}
