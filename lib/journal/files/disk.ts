import { writeSync } from 'node:fs'

const DISK_FULL = ['ENOSPC', 'EDQUOT']

/** What kept files can give room for. */
export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.includes((error as NodeJS.ErrnoException).code!)
}

/** A write may take less than it is given: on a disk that is nearly full it does so before it fails. */
export function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}
