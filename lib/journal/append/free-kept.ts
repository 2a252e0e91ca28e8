import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isDone } from '../files/disk.ts'
import { look } from '../files/entries.ts'
import { type ClickFile, parseName, storedDirectory } from '../files/names.ts'

/**
 * For a request thread whose disk is full: removes kept files, the oldest of a writer first, until so many
 * bytes are free. Returns whether it has removed any.
 */
export function freeKept(journalPath: string, ownWriter: string, bytes: number): boolean {
  const path = join(journalPath, storedDirectory)
  let freedBytes = 0
  for (const { name } of keptFiles(path, ownWriter)) {
    if (freedBytes >= bytes) break
    const size = look(join(path, name))?.size ?? 0
    if (isDone(() => unlinkSync(join(path, name)))) freedBytes += Math.max(1, size)
  }
  return freedBytes > 0
}

/**
 * First those of earlier processes, then this one's. The oldest come first: what stays
 * of a writer are its newest.
 */
function keptFiles(path: string, ownWriter: string): ClickFile[] {
  const files = namesIn(path)
    .map(parseName)
    .filter(file => file !== null && file.kind !== 'writer') as ClickFile[]
  const isOwn = ({ key }: ClickFile) => Number(key.writer === ownWriter)
  return files.sort((a, b) => isOwn(a) - isOwn(b) || a.key.lastGeneration - b.key.lastGeneration)
}

/** None when there is no such directory. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
