import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '../../lib/base/errors.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'

/*
 * The embedded Postgres listens on a Unix socket in its cluster's directory, which nobody else may enter.
 * It listens on no port: while Postgres is down, another program could take the port and would receive
 * the password and the clicks.
 */

/** The name of a socket contains a port number, although there is no port. */
export const SOCKET_PORT = 5432
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`
/** For Postgres: relative to its working directory, the cluster's, so that no path is too long. */
export const SOCKET_DIRECTORY = '.'

/** A socket's address may have 107 bytes on Linux and 103 on macOS. */
const MAX_ADDRESS_BYTES = 103

/** Where clients find the socket. */
interface SocketPlace {
  readonly directory: string
  remove(): Promise<void>
}

/** The cluster's directory. If its path is too long for clients: a link to it, in a new private directory. */
export async function socketPlace(cluster: string): Promise<SocketPlace> {
  if (isAddressable(cluster)) return { directory: cluster, remove: async () => {} }
  const parent = await mkdtemp(join(tmpdir(), 'clickcounter-'))
  const remove = () => rm(parent, { recursive: true, force: true })
  const directory = join(parent, 'postgres')
  if (!isAddressable(directory)) {
    await remove()
    throw new StartError(
      'EMBEDDED_POSTGRES_PATH',
      `The path ${cluster} is too long for the socket of the embedded Postgres, and so is ${directory}: ` +
        'set CLICKCOUNTER_DATA_DIR or TMPDIR to a directory with a shorter path.',
    )
  }
  await symlink(cluster, directory)
  return { directory, remove }
}

/** The server whose socket is in this directory. */
export function serverIn(directory: string, password: string): DatabaseServer {
  return {
    host: directory,
    port: SOCKET_PORT,
    user: 'clickcounter',
    password,
    name: 'clickcounter',
    sslMode: 'disable',
  }
}

function isAddressable(directory: string): boolean {
  return Buffer.byteLength(join(directory, SOCKET_NAME)) <= MAX_ADDRESS_BYTES
}
