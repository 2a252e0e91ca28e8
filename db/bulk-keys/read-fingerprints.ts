import type pg from 'pg'
import { statements } from '../statements.ts'

/** The fingerprints of those of the keys that are stored, by key: 32 hexadecimal digits each. */
export async function readFingerprints(
  client: pg.ClientBase,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ key: string; fingerprint: string }>(statements.bulkKeysFingerprints, [
    keys,
  ])
  return new Map(rows.map(({ key, fingerprint }) => [key, fingerprint]))
}
