import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import type pg from 'pg'
import type { DatabaseServer } from '../../lib/config/config.ts'

/**
 * What the mode asks for, in libpq's sense: `require` and `no-verify` encrypt only, `verify-ca` checks the
 * certificate, and `require` does that, too, with authorities of its own; `verify-full` checks its host name as
 * well. `prefer` and `allow` encrypt where the server can, see `lacksTls`. Over a Unix socket nothing is encrypted.
 * Reads the files; throws the system's errors.
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

/** A slim image may have no authorities of its own: then those of Node are there. */
function authorities(sslRootCert: string): string[] | Buffer {
  if (sslRootCert !== 'system') return readFileSync(sslRootCert)
  return [...tls.getCACertificates('system'), ...tls.getCACertificates('default')]
}

/** Whether a server that was asked for TLS has none, or none for us: with these modes it goes on without. */
export function lacksTls(error: unknown, { sslMode }: DatabaseServer): boolean {
  if (sslMode !== 'prefer' && sslMode !== 'allow') return false
  return /server does not support SSL|^no pg_hba\.conf entry .* SSL encryption$/.test(
    (error as Error).message,
  )
}
