/**
 * What a table holds, which says what backup and restore do with it. clicks: are replaced, after a question. identity:
 * which database it is; is replaced. keys: are added to those that are there. sessions: are in no backup, because
 * whoever has its file could sign sessions; they end with a restore. banners: are replaced, after a question, and stay
 * when the backup is of a version that had none. revisions, watermarks: go with the banners, or the clicks, and are
 * there from the first moment. instances: are in no backup, and none is there after a restore: each that runs makes its
 * row again.
 */
type Content =
  | 'clicks'
  | 'identity'
  | 'keys'
  | 'sessions'
  | 'banners'
  | 'revisions'
  | 'watermarks'
  | 'instances'

/** A table that the migrations make. */
interface Table {
  readonly name: string
  /** The version of the schema that it came with. */
  readonly since: number
  readonly content: Content
}

/** All tables but the one that records the versions, in the order in which the migrations make them. */
export const TABLES: readonly Table[] = [
  { name: 'click_minutes', since: 1, content: 'clicks' },
  { name: 'click_ledger', since: 2, content: 'clicks' },
  { name: 'click_database', since: 4, content: 'identity' },
  { name: 'access_keys', since: 6, content: 'keys' },
  { name: 'ended_sessions', since: 6, content: 'sessions' },
  { name: 'access_state', since: 6, content: 'sessions' },
  { name: 'banners', since: 7, content: 'banners' },
  { name: 'banner_revisions', since: 7, content: 'revisions' },
  { name: 'banner_changes', since: 7, content: 'banners' },
  { name: 'click_quarters', since: 8, content: 'clicks' },
  { name: 'click_days', since: 8, content: 'clicks' },
  { name: 'click_history', since: 8, content: 'watermarks' },
  { name: 'click_imports', since: 8, content: 'clicks' },
  { name: 'click_imported', since: 8, content: 'clicks' },
  { name: 'click_instances', since: 10, content: 'instances' },
  { name: 'bulk_keys', since: 11, content: 'clicks' },
]

/** Of a table of ours. */
export function contentOf({ name }: Pick<Table, 'name'>): Content {
  return TABLES.find(table => table.name === name)!.content
}

/** Whether a backup has the table's rows. */
export function isBackedUp(table: Pick<Table, 'name'>): boolean {
  const content = contentOf(table)
  return content !== 'sessions' && content !== 'instances'
}

/** Whether a restore of a backup of this version drops the table's rows, and somebody might miss them. */
export function isDropped(table: Pick<Table, 'name'>, version: number): boolean {
  const content = contentOf(table)
  return content === 'clicks' || (content === 'banners' && !staysAfter(table, version))
}

/** Whether the table's rows stay after a restore of a backup of this version, which knows nothing of banners. */
export function staysAfter(table: Pick<Table, 'name'>, version: number): boolean {
  const content = contentOf(table)
  if (content !== 'banners' && content !== 'revisions') return false
  return tablesAt(version).every(({ name }) => name !== table.name)
}

/** Those that a schema of this version has. */
export function tablesAt(version: number): readonly Table[] {
  return TABLES.filter(({ since }) => since <= version)
}
