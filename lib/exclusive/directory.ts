import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../base/errors.ts'
import { makeDirectory } from '../base/make-directory.ts'

const SQLITE_BUSY = 5
/** With `/lock-journal` behind it, SQLite's limit of 512. */
const MAX_PATH_BYTES = 499

/** Without a reference, a lock would be collected as garbage, and the directory would be free. */
const locks = new Set<DatabaseSync>()

/**
 * Takes the data directory for this process, and makes it if it is not there. Throws StartError when another
 * process has it, or when it cannot be written. The hold ends with the process, however that ends.
 *
 * Node has no call for a file lock, but its SQLite takes one: a POSIX lock on the database file. The
 * kernel keeps it. It needs no cleaning up after kill -9, and it works between containers that share a
 * volume and between users, where process ids and signals do not. On a file system without POSIX locks
 * (some network ones) two services are not told apart. Nothing else in this process may open the file:
 * closing it would end the hold.
 */
export function holdDirectory(dataDir: string): { release(): void } {
  try {
    refuseUnusable(dataDir)
    // Other users may enter it and not list it: under root, the embedded Postgres runs as another user. The
    // files in it are closed to them.
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

function refuseUnusable(dataDir: string): void {
  const pathBytes = Buffer.byteLength(dataDir)
  if (pathBytes > MAX_PATH_BYTES)
    throw new Error(`its path has ${pathBytes} bytes, more than ${MAX_PATH_BYTES}`)
  // Node has put this character in place of bytes that are not UTF-8: the directory would be another one.
  if (dataDir.includes('\uFFFD')) throw new Error('its path is not UTF-8')
}

function lock(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // SQLite's journal on disk would need a block: on a full disk, the service that
    // makes room could not start.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    // A user who can read the file can lock it, and keep the service from starting.
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
