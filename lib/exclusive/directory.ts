import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../errors.ts'

const SQLITE_BUSY = 5

/**
 * Takes the data directory for this process, making it if need be. Throws StartError when another process
 * has it. The hold ends with the process, however it ends.
 *
 * Node has no call for a file lock, but its SQLite takes one: a POSIX lock on the database file. The kernel
 * keeps it, so it needs no cleaning up after kill -9, and it works between containers that share a volume
 * and between users, where process ids and signals do not.
 */
export function holdDirectory(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'lock')
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    chmodSync(file, 0o600)
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new StartError(
      'DATA_DIR_IN_USE',
      `the data directory ${dataDir} is in use by another clickcounter; stop that one, or set CLICKCOUNTER_DATA_DIR to another directory`,
    )
  }
  return { release: () => database.close() }
}
