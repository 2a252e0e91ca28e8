import type pg from 'pg'
import { listed } from '../../lib/config/wording.ts'
import { statements } from '../statements.ts'
import { TABLES } from './tables.ts'

interface Weakness {
  readonly kind: keyof typeof SENTENCES
  /** The name of a setting, or of a table. */
  readonly name: string
}

/** What can be found, and how to repair it. */
const SENTENCES = {
  off: (names: readonly string[]) =>
    `The database runs with ${listed(names.map(name => `${name} = off`))}: a crash of its machine may lose what it has committed. Turn ${listed(names)} on in postgresql.conf and reload it.`,
  unlogged: (names: readonly string[]) =>
    `Unlogged in the database: ${listed(names)}. A crash of the database empties them. Repair: ALTER TABLE … SET LOGGED.`,
  temporary: (names: readonly string[]) =>
    `Temporary tables of another user of the pooler hide ours and end with its session: ${listed(names)}. Give them other names.`,
}

/**
 * Asks the database why it might lose what it has committed, although each COMMIT waits for the disk. One
 * sentence for each kind of weakness; usually none.
 */
export async function findWeaknesses(client: pg.ClientBase): Promise<string[]> {
  const tables = TABLES.map(({ name }) => name)
  const { rows } = await client.query<Weakness>(statements.findWeaknesses, [tables])
  const byKind = Map.groupBy(rows, ({ kind }) => kind)
  return Array.from(byKind, ([kind, found]) => SENTENCES[kind](found.map(({ name }) => name)))
}
