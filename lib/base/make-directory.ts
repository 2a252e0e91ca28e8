import { closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, and those above it that are missing. When it returns, the names of all that it made are on disk:
 * a power cut cannot take a directory away whose files were synced.
 *
 * One by one: Node's `recursive` never comes to an end where a parent exists and takes no directories, as in /proc.
 */
export function makeDirectory(path: string, mode: number): void {
  if (exists(path)) return
  makeDirectory(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another start may have made it meanwhile.
    if (!exists(path)) throw error
  }
  syncDirectory(dirname(path))
}

/** Throws for what can be no path, one that is too long for example, before anything is made. */
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
