import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/* Tests need programs that npm does not install. Each finder of a program installs or unpacks its own. */

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const isRoot = process.getuid?.() === 0

/** On Debian or a system like it, and allowed to install. */
export function canInstall(): boolean {
  return isRoot && existsSync('/etc/debian_version')
}

/** Runs a command that installs, and says so. */
export function runInstallation([program, ...options]: readonly string[]): void {
  console.log(`      A program is missing: ${program} ${options.join(' ')}`)
  execFileSync(program!, options, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Sees to it that there is a C compiler. Throws with the command that installs it where it may not do so itself. */
export function needCompiler(): void {
  const installation = ['apt-get', 'install', '-y', '--no-install-recommends', 'gcc', 'libc6-dev']
  const isThere = (process.env.PATH ?? '').split(delimiter).some(folder => isExecutable(join(folder, 'cc')))
  if (isThere) return
  if (!canInstall()) throw new Error(`cc is needed and not in PATH: ${installation.join(' ')}`)
  runInstallation(['apt-get', 'update'])
  runInstallation(installation)
}
