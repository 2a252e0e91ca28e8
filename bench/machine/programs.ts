import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** By program that a section may need: its packages on Debian and Ubuntu. */
const aptPackages: Readonly<Record<string, string>> = {
  wrk: 'wrk',
  nginx: 'nginx libnginx-mod-http-lua',
  'redis-server': 'redis-server',
  webdis: 'webdis',
  cc: 'gcc',
  curl: 'curl',
}

export function isInstalled(program: string): boolean {
  return programPath(program) !== null
}

/** Where a program is, or null. System programs may lie outside of a user's PATH. */
export function programPath(program: string): string | null {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return directories.map(directory => join(directory, program)).find(path => existsSync(path)) ?? null
}

/** null when all are installed, otherwise what is missing and how to get it. */
export function missing(programs: readonly string[]): string | null {
  const absent = programs.filter(program => !isInstalled(program))
  if (absent.length === 0) return null
  const packages = absent.map(program => aptPackages[program]).join(' ')
  return `${absent.join(' and ')} ${absent.length === 1 ? 'is' : 'are'} not installed: apt-get install ${packages}`
}
