/** A table that the migrations make. */
interface Table {
  readonly name: string
  /** The version of the schema that it came with. */
  readonly since: number
  /** The migration itself puts rows there. */
  readonly isFilled?: true
}

/** All tables but the one that records the versions, in the order in which the migrations make them. */
export const TABLES: readonly Table[] = [
  { name: 'click_minutes', since: 1 },
  { name: 'click_ledger', since: 2 },
  { name: 'click_database', since: 4, isFilled: true },
  { name: 'access_keys', since: 6 },
  { name: 'ended_sessions', since: 6 },
  { name: 'access_state', since: 6, isFilled: true },
]

/** Those that a schema of this version has. */
export function tablesAt(version: number): readonly Table[] {
  return TABLES.filter(({ since }) => since <= version)
}
