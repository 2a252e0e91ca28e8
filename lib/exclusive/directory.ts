import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../errors.ts'
import { makeDirectory } from '../make-directory.ts'

const SQLITE_BUSY = 5

/** A lock that nothing refers to would be collected as garbage, and so be let go. */
const locks = new Set<DatabaseSync>()

/**
 * Takes the data directory for this process, making it if need be. Throws StartError when another process
 * has it, or when it cannot be written. The hold ends with the process, however it ends.
 *
 * Node has no call for a file lock, but its SQLite takes one: a POSIX lock on the database file. The kernel
 * keeps it, so it needs no cleaning up after kill -9, and it works between containers that share a volume
 * and between users, where process ids and signals do not. A file system without POSIX locks (some network
 * ones) cannot tell two services apart. Nothing else in this process may open the file: closing it again
 * would end the hold.
 */
export function holdDirectory(dataDir: string): { release(): void } {
  try {
    // Others may enter, not look: as root, the embedded Postgres is another user. What lies in it is closed.
    makeDirectory(dataDir, 0o711)
    const held = lock(join(dataDir, 'lock'))
    locks.add(held)
    return {
      release: () => {
        locks.delete(held)
        held.close()
      },
    }
  } catch (error) {
    throw directoryError(dataDir, error as Error)
  }
}

function lock(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    // Whoever can read the file can lock it, and so keep the service from starting.
    chmodSync(file, 0o600)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function directoryError(dataDir: string, error: Error & { errcode?: number }): StartError {
  if (error.errcode === SQLITE_BUSY)
    return new StartError(
      'DATA_DIR_IN_USE',
      `the data directory ${dataDir} is in use by another clickcounter; stop that one, or set CLICKCOUNTER_DATA_DIR to another directory`,
    )
  return new StartError(
    'DATA_DIR_UNUSABLE',
    `the data directory ${dataDir} cannot be used (${error.message}); set CLICKCOUNTER_DATA_DIR to a directory that this user owns and can write to`,
    error,
  )
}
