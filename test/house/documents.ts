import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** The cells of all tables of a document. */
export function rowsOf(document: string): string[][] {
  const lines = read(document).match(/^\|.*\|$/gm) ?? []
  return lines.map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
}
