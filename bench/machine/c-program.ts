import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const programs = new Map<string, string>()

/** Compiles a program of one file, once a process, and returns its path. It is removed when the process ends. */
export function compiled(source: URL): string {
  const known = programs.get(source.href)
  if (known !== undefined) return known
  const directory = mkdtempSync(join(tmpdir(), 'clickcounter-c-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const program = join(directory, basename(source.pathname, '.c'))
  execFileSync('cc', ['-O2', '-o', program, fileURLToPath(source)])
  programs.set(source.href, program)
  return program
}
