import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../base/errors.ts'
import { makeDirectory } from '../base/make-directory.ts'

const SQLITE_BUSY = 5
/** With `/lock-journal` behind it, SQLite's limit of 512. */
const MAX_PATH_BYTES = 499

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
    refuseUnusable(dataDir)
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

function refuseUnusable(dataDir: string): void {
  const pathBytes = Buffer.byteLength(dataDir)
  if (pathBytes > MAX_PATH_BYTES)
    throw new Error(`its path has ${pathBytes} bytes, more than ${MAX_PATH_BYTES}`)
  // What Node puts in place of bytes that are none: the directory would be another one.
  if (dataDir.includes('\uFFFD')) throw new Error('its path is not UTF-8')
}

function lock(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // On disk, SQLite's journal would want a block, and on a full disk nothing could start that makes room.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
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
