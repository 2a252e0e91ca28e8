import type pg from 'pg'
import { listed } from '../../lib/config/wording.ts'
import { statements } from '../statements.ts'
import { TABLES } from './tables.ts'

interface Weakness {
  readonly kind: keyof typeof SENTENCES
  /** Of a setting, or of a table. */
  readonly name: string
}

/** What can be found, and what mends it. */
const SENTENCES = {
  off: (names: readonly string[]) =>
    `The database runs with ${listed(names.map(name => `${name} = off`))}: a crash of its machine may take what it has committed. Turn ${listed(names)} on in postgresql.conf and reload it.`,
  unlogged: (names: readonly string[]) =>
    `Unlogged in the database: ${listed(names)}. A crash of it empties them; ALTER TABLE … SET LOGGED mends it.`,
  temporary: (names: readonly string[]) =>
    `Temporary tables of another user of the pooler hide ours and end with its session: ${listed(names)}. They must have other names.`,
}

/**
 * What would let the database lose what it has committed although each COMMIT waits for the disk, a sentence
 * for each kind; usually nothing. Asks the database.
 */
export async function findWeaknesses(client: pg.ClientBase): Promise<string[]> {
  const tables = TABLES.map(({ name }) => name)
  const { rows } = await client.query<Weakness>(statements.findWeaknesses, [tables])
  const byKind = Map.groupBy(rows, ({ kind }) => kind)
  return Array.from(byKind, ([kind, found]) => SENTENCES[kind](found.map(({ name }) => name)))
}
