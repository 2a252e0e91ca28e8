import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isExecutable, isRoot } from './programs.ts'

const run = promisify(execFile)
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/prometheus', import.meta.url))

/**
 * Path of promtool or prometheus: from PATH or, on Debian, out of its package, which is unpacked for the tests
 * and not installed, since an installed one starts a server. Rejects with the line that brings it.
 */
export async function prometheusTool(name: 'promtool' | 'prometheus'): Promise<string> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(CACHE, 'usr/bin')]
  const find = () => folders.map(folder => join(folder, name)).find(isExecutable)
  const found = find()
  if (found !== undefined) return found
  const cause = await unpackPackage().catch((error: Error) => error)
  const unpacked = find()
  if (unpacked !== undefined) return unpacked
  throw new Error(
    `${name} is needed and not in PATH: apt-get install prometheus, or https://prometheus.io/download/`,
    { cause },
  )
}

async function unpackPackage(): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  // Only root may, and only a new machine needs it.
  if (isRoot) await run('apt-get', ['update'])
  await run('apt-get', ['download', 'prometheus'], { cwd: CACHE })
  const archive = (await readdir(CACHE)).find(file => file.endsWith('.deb'))!
  await run('dpkg-deb', ['--extract', archive, '.'], { cwd: CACHE })
}
