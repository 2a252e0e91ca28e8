import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and its missing parents. Syncs the parent of each one that it makes: otherwise a power
 * cut could remove a directory whose files were synced.
 *
 * Makes them one by one, because Node's `recursive` never ends below a directory that takes no
 * directories, such as /proc.
 */
export function makeDirectory(path: string, mode: number): void {
  if (exists(path)) return
  makeDirectory(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!exists(path)) throw error
  }
  syncDirectory(dirname(path))
}

/** Throws for an impossible path, such as one that is too long, before anything is made. */
function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

export function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
