import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import type pg from 'pg'
import type { DatabaseServer } from '../../lib/config/config.ts'

/**
 * The TLS options of a mode, as libpq means it:
 * - `no-verify` and `require` only encrypt. With sslrootcert, `require` means `verify-ca`.
 * - `verify-ca` checks the certificate's authority, `verify-full` its host name as well.
 * - `prefer` and `allow` encrypt if the server can, see `lacksTls`.
 * Over a Unix socket nothing is encrypted. Reads the files; throws the system's errors.
 */
export function tlsOptions(server: DatabaseServer): pg.ClientConfig['ssl'] {
  const { sslMode, sslRootCert, sslCert, sslKey } = server
  if (sslMode === 'disable' || server.host.startsWith('/')) return false
  const files = {
    ...(sslRootCert === undefined ? {} : { ca: authorities(sslRootCert) }),
    ...(sslCert === undefined ? {} : { cert: readFileSync(sslCert) }),
    ...(sslKey === undefined ? {} : { key: readFileSync(sslKey) }),
  }
  if (sslMode === 'verify-full') return { ...files, rejectUnauthorized: true }
  if (sslMode === 'verify-ca' || (sslMode === 'require' && sslRootCert !== undefined))
    return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  return { ...files, rejectUnauthorized: false }
}

/** With those of Node, because a slim image may have none of its own. */
function authorities(sslRootCert: string): string[] | Buffer {
  if (sslRootCert !== 'system') return readFileSync(sslRootCert)
  return [...tls.getCACertificates('system'), ...tls.getCACertificates('default')]
}

/** Whether a server refused TLS, or has none, and the mode allows to go on without it. */
export function lacksTls(error: unknown, { sslMode }: DatabaseServer): boolean {
  if (sslMode !== 'prefer' && sslMode !== 'allow') return false
  return /server does not support SSL|^no pg_hba\.conf entry .* SSL encryption$/.test(
    (error as Error).message,
  )
}
