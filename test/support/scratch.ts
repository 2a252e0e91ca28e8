import { readFile, statfs } from 'node:fs/promises'

const MEMORY = '/dev/shm'
/** Programs may be started from it: some tests write such ones. */
const MOUNT = /^\S+ \/dev\/shm tmpfs (?!\S*\bnoexec\b)/m
const ROOM_BYTES = 4 * 2 ** 30

/**
 * Has this process, and those that it starts, keep temporary files in memory where the system offers enough of it. No
 * test is about the speed of the disk, and none cuts the power. A TMPDIR that somebody chose stays.
 */
export async function keepScratchInMemory(): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(MEMORY)
    if (bavail * bsize < ROOM_BYTES || !MOUNT.test(await readFile('/proc/mounts', 'utf8'))) return
    process.env.TMPDIR ??= MEMORY
  } catch {
    // There is no such place: files are where they always are.
  }
}
