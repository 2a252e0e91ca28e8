import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isExecutable, isRoot } from './programs.ts'

const run = promisify(execFile)
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/unpacked', import.meta.url))

export interface Tool {
  readonly path: string
  /** An environment in which it finds the libraries that were unpacked with it. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * A program from PATH; on Debian, also from its package and those of its libraries. They are unpacked, not installed,
 * because an installed one would start a server. Rejects with the command that installs it.
 */
export async function unpackedTool(name: string, packages: readonly string[]): Promise<Tool> {
  const root = join(CACHE, packages[0]!)
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...['usr/bin', 'usr/sbin'].map(folder => join(root, folder)),
  ]
  const find = () => folders.map(folder => join(folder, name)).find(isExecutable)
  const cause = find() === undefined ? await unpack(packages, root).catch((error: Error) => error) : undefined
  const path = find()
  if (path !== undefined) return { path, env: { ...process.env, ...(await libraryPath(root)) } }
  throw new Error(`${name} is needed and not in PATH: apt-get install ${packages[0]}`, { cause })
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  await mkdir(root, { recursive: true })
  // Only root may do this, and only a new machine needs it.
  if (isRoot) await run('apt-get', ['update'])
  await run('apt-get', ['download', ...packages], { cwd: root })
  const archives = (await readdir(root)).filter(file => file.endsWith('.deb'))
  for (const archive of archives) await run('dpkg-deb', ['--extract', archive, '.'], { cwd: root })
}

async function libraryPath(root: string): Promise<NodeJS.ProcessEnv> {
  const folders = await readdir(join(root, 'usr/lib')).catch(() => [])
  const libraries = folders.filter(folder => folder.endsWith('-linux-gnu'))
  return libraries.length === 0
    ? {}
    : { LD_LIBRARY_PATH: libraries.map(folder => join(root, 'usr/lib', folder)).join(delimiter) }
}
