import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { StartError } from '../../lib/errors.ts'
import { chooseFreePort } from './port.ts'

/*
 * postgres.url is the only place that knows the password and the port of the cluster, in the form that psql and
 * pg_dump take: psql "$(cat data/postgres.url)".
 */

/** A new password and a free port, in no file yet. */
export async function newServer(): Promise<DatabaseServer> {
  return serverAt(await chooseFreePort(), randomBytes(24).toString('base64url'))
}

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
      `${urlFile} should hold one line such as postgresql://clickcounter:password@127.0.0.1:5432/clickcounter: ` +
        'restore it from a backup.',
    )
  }
  return serverAt(Number(url.port), decodeURIComponent(url.password))
}

/** Replaces the file as a whole: a reader, or a start after a crash, sees the old line or the new one. */
export async function writeServer(urlFile: string, server: DatabaseServer): Promise<void> {
  const { user, password, host, port, name } = server
  const file = await open(`${urlFile}.tmp`, 'w', 0o600)
  try {
    await file.writeFile(`postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${urlFile}.tmp`, urlFile)
}

function serverAt(port: number, password: string): DatabaseServer {
  return { host: '127.0.0.1', port, user: 'clickcounter', password, name: 'clickcounter', sslMode: 'disable' }
}
