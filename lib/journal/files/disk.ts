import { writeSync } from 'node:fs'

const DISK_FULL = ['ENOSPC', 'EDQUOT']

/** Whether removing kept files can help. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.includes((error as NodeJS.ErrnoException).code!)
}

/** Whether it worked. Its error is dropped: the caller has another way, or has one to tell already. */
export function isDone(action: () => void): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}

/** Writes all of it. On a disk that is nearly full, one write takes a part, and the next one fails. */
export function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}
