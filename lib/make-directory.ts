import { closeSync, constants, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, and those above it that are missing. When it returns, the names of all that it made are on disk:
 * a power cut cannot take a directory away whose files were synced.
 */
export function makeDirectory(path: string, mode: number): void {
  const first = mkdirSync(path, { recursive: true, mode })
  if (first === undefined) return
  const oldest = dirname(realpathSync(first))
  for (let parent = dirname(realpathSync(path)); ; parent = dirname(parent)) {
    syncDirectory(parent)
    if (parent === oldest) return
  }
}

export function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
