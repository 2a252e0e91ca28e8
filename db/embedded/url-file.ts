import { readFile, rename, writeFile } from 'node:fs/promises'
import { StartError } from '../../lib/base/errors.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { databaseUrl } from '../../lib/config/database-url.ts'

/*
 * postgres.url is the only place that has the cluster's password. psql and pg_dump take the file's form:
 * psql "$(cat data/postgres.url)".
 */

/**
 * The server in the file; null when there is no file. Throws StartError when it cannot be read or understood.
 */
export async function readServer(urlFile: string): Promise<DatabaseServer | null> {
  let text: string
  try {
    text = await readFile(urlFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} cannot be read (${(error as Error).message}): start the service as the user who made it, ` +
        'or give the data directory and everything in it to the present user.',
      error,
    )
  }
  // 1.0.0 wrote an address and a port, which this reads as well.
  const parsed = databaseUrl.parse(text.trim())
  if ('wrong' in parsed || parsed.value.password === '') {
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} should hold one line such as ` +
        'postgresql://clickcounter:password@localhost:5432/clickcounter?host=/path/of/data/postgres: ' +
        'restore it from a backup.',
    )
  }
  return parsed.value
}

/**
 * Replaces the whole file: a reader, or a start after a crash, sees the old line or the
 * new one. Throws StartError.
 */
export async function writeServer(urlFile: string, server: DatabaseServer): Promise<void> {
  try {
    await writeFile(`${urlFile}.tmp`, `${urlOf(server)}\n`, { mode: 0o600, flush: true })
    await rename(`${urlFile}.tmp`, urlFile)
  } catch (error) {
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} cannot be written (${(error as Error).message}): free some space on its disk, or give the ` +
        'directory to this user.',
      error,
    )
  }
}

/** The URL as psql and other programs take it, with the directory of a Unix socket as a parameter. */
export function urlOf({ user, password, host, port, name }: DatabaseServer): string {
  const credentials = `${user}:${encodeURIComponent(password)}`
  return host.startsWith('/')
    ? `postgresql://${credentials}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`
    : `postgresql://${credentials}@${host}:${port}/${name}`
}
