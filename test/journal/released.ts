import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from '../support/rows.ts'

/** A journal that a version of this program has left, byte for byte, and what its clients had been told. */
interface ReleasedJournal {
  readonly version: string
  readonly path: string
  /** Ascending by banner, then minute. */
  readonly sums: readonly Row[]
  /** Of all files but README and sums. */
  readonly names: readonly string[]
}

export function releasedJournal(version: string): ReleasedJournal {
  const path = fileURLToPath(new URL(`data/${version}`, import.meta.url))
  const lines = readFileSync(join(path, 'sums.txt'), 'utf8').trimEnd().split('\n')
  return {
    version,
    path,
    sums: lines.map(line => line.split(' ').map(Number) as unknown as Row),
    names: readdirSync(path).filter(name => !['README.md', 'sums.txt'].includes(name)),
  }
}
