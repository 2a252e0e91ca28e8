import { readFile, rename, writeFile } from 'node:fs/promises'
import { StartError } from '../../lib/base/errors.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'

/*
 * postgres.url is the only place that knows the cluster's password, in the form that psql and pg_dump take:
 * psql "$(cat data/postgres.url)".
 */

/** What the file says; null when there is none. Throws StartError when it cannot be read or understood. */
export async function readServer(urlFile: string): Promise<DatabaseServer | null> {
  let text: string
  try {
    text = await readFile(urlFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} cannot be read (${(error as Error).message}): start the service as the user who made it, ` +
        'or make the data directory and everything in it belong to the present user.',
      error,
    )
  }
  const url = URL.parse(text.trim())
  if (!url?.password || !url.port) {
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} should hold one line such as ` +
        'postgresql://clickcounter:password@localhost:5432/clickcounter?host=/path/of/data/postgres: ' +
        'restore it from a backup.',
    )
  }
  return {
    // 1.0.0 wrote an address and a port.
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port),
    user: 'clickcounter',
    password: decodeURIComponent(url.password),
    name: 'clickcounter',
    sslMode: 'disable',
  }
}

/** Replaces the file as a whole: a reader, or a start after a crash, sees the old line or the new one. Throws StartError. */
export async function writeServer(urlFile: string, server: DatabaseServer): Promise<void> {
  try {
    await writeFile(`${urlFile}.tmp`, `${urlOf(server)}\n`, { mode: 0o600, flush: true })
    await rename(`${urlFile}.tmp`, urlFile)
  } catch (error) {
    throw new StartError(
      'EMBEDDED_POSTGRES_URL_FILE',
      `${urlFile} cannot be written (${(error as Error).message}): the disk needs room, and the directory has to ` +
        'belong to this user.',
      error,
    )
  }
}

/** As psql and other programs take it, with the directory of a Unix socket as a parameter. */
export function urlOf({ user, password, host, port, name }: DatabaseServer): string {
  const credentials = `${user}:${encodeURIComponent(password)}`
  return host.startsWith('/')
    ? `postgresql://${credentials}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`
    : `postgresql://${credentials}@${host}:${port}/${name}`
}
