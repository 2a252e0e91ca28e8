import { closeSync, fsyncSync, futimesSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../../base/make-directory.ts'
import { writeWhole } from '../files/disk.ts'
import { unfinishedName } from '../files/names.ts'

/**
 * Writes a file with the time of its oldest click. When this returns, all of it is on disk. When it throws, there is no
 * file of that name.
 */
export function writeFile(directory: string, name: string, bytes: Buffer, sinceMs: number): void {
  const temporary = join(directory, unfinishedName(name))
  try {
    const fd = openSync(temporary, 'w', 0o600)
    try {
      writeWhole(fd, bytes)
      futimesSync(fd, sinceMs / 1000, sinceMs / 1000)
      // Before the rename: a power cut between the two would leave the name on a file that is not whole.
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, join(directory, name))
  } catch (error) {
    // On a full disk, the ticks need the space of the unfinished file.
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(directory)
}
