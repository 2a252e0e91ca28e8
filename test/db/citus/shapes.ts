import { TABLES } from '../../../db/schema/tables.ts'
import { read } from '../../house/documents.ts'
import { found, type Tree, tablesOf, textsOf } from './tree.ts'

/** Each distributed table, and the column that it goes by. */
export const DISTRIBUTED: ReadonlyMap<string, string> = new Map(
  Array.from(
    read('db/citus/distribute.sql').matchAll(/\('(\w+)', '(\w+)', (?:true|false)\)/g),
    ([, name, column]) => [name!, column!],
  ),
)
const LOCAL: ReadonlySet<string> = new Set(
  TABLES.map(({ name }) => name).filter(name => !DISTRIBUTED.has(name)),
)
/** Their answer depends on when and where they run. */
const CHANGING = ['now', 'clock_timestamp', 'statement_timestamp', 'random', 'gen_random_uuid', 'nextval']

const isDistributed = (name: string) => DISTRIBUTED.has(name)
const hasDistributed = (tree: unknown) => tablesOf(tree).some(isDistributed)
const hasChanging = (tree: unknown) =>
  found('SQLValueFunction', tree).length > 0 ||
  found('FuncCall', tree).some(call => CHANGING.includes(textsOf(call.funcname).at(-1)!))
/** Into, of or from a table: INSERT, UPDATE or DELETE. */
const writes = (tree: unknown) =>
  ['InsertStmt', 'UpdateStmt', 'DeleteStmt']
    .flatMap(name => found(name, tree))
    .map(write => ({ write, table: String((write.relation as Tree).relname) }))
const writesToDistributed = (tree: unknown) => writes(tree).filter(({ table }) => isDistributed(table))
/** The names that a SET of an UPDATE, or of ON CONFLICT, gives values to. */
const namesSet = (tree: unknown) =>
  ((tree as Tree | undefined)?.targetList as Tree[] | undefined)?.map(target =>
    String((target.ResTarget as Tree).name),
  ) ?? []

/** What Citus refuses in a statement, or does otherwise than one Postgres. */
export interface Shape {
  readonly is: string
  readonly isIn: (tree: unknown) => boolean
  /** One that has it. */
  readonly example: string
}

/** Of what reads. */
const READING: readonly Shape[] = [
  {
    is: 'LIMIT or OFFSET in a LATERAL list',
    isIn: tree =>
      found('RangeSubselect', tree).some(
        list =>
          list.lateral === true &&
          hasDistributed(list) &&
          found('SelectStmt', list).some(({ limitCount, limitOffset }) => limitCount ?? limitOffset),
      ),
    example:
      'SELECT FROM unnest($1::int[]) AS a, LATERAL (SELECT id FROM banners WHERE id = a OFFSET 0) AS b',
  },
  {
    is: 'UNION in a LATERAL list',
    isIn: tree =>
      found('RangeSubselect', tree).some(
        list =>
          list.lateral === true &&
          hasDistributed(list) &&
          found('SelectStmt', list).some(({ op }) => op !== 'SETOP_NONE'),
      ),
    example:
      'SELECT 1 FROM unnest($1::int[]) AS a, LATERAL (SELECT id FROM banners WHERE id = a UNION ALL SELECT 2) AS b',
  },
  {
    is: 'a list without columns',
    isIn: tree =>
      found('SelectStmt', tree).some(
        ({ op, targetList, fromClause }) =>
          op === 'SETOP_NONE' && targetList === undefined && tablesOf(fromClause).some(isDistributed),
      ),
    example: 'SELECT count(*) FROM (SELECT FROM banners LIMIT 3) AS few',
  },
  {
    is: 'a function in VALUES that are read',
    isIn: tree =>
      hasDistributed(tree) &&
      found('RangeSubselect', tree)
        .flatMap(list =>
          found('valuesLists', list).concat(found('SelectStmt', list).map(one => ({ of: one.valuesLists }))),
        )
        .some(values => found('FuncCall', values).length > 0),
    example: "SELECT id FROM banners CROSS JOIN (VALUES (date_bin('1 day', now(), 'epoch'))) AS place (at)",
  },
  {
    is: 'names that WITH gives to the columns of a UNION',
    isIn: tree =>
      found('CommonTableExpr', tree).some(
        ({ aliascolnames, ctequery }) =>
          aliascolnames !== undefined &&
          found('SelectStmt', ctequery).some(({ op }) => op !== 'SETOP_NONE') &&
          hasDistributed(ctequery),
      ),
    example:
      'WITH a (at) AS (SELECT id FROM banners UNION ALL SELECT banner_id FROM click_days) SELECT at FROM a',
  },
  {
    is: 'a join of a distributed table by other columns than the one that it goes by',
    isIn: tree =>
      found('JoinExpr', tree).some(({ jointype, larg, rarg, quals, usingClause }) => {
        const table = String(((rarg as Tree).RangeVar as Tree | undefined)?.relname)
        if (!isDistributed(table) || !hasDistributed(larg) || jointype === undefined) return false
        const names = [
          ...textsOf(usingClause),
          ...found('ColumnRef', quals).map(({ fields }) => textsOf(fields).at(-1)!),
        ]
        return !names.includes(DISTRIBUTED.get(table)!)
      }),
    example: 'SELECT 1 FROM click_days JOIN banners ON name = day::text',
  },
  {
    is: 'rows of many banners that are locked',
    isIn: tree => found('LockingClause', tree).length > 0 && hasDistributed(tree),
    example: 'SELECT id FROM banners FOR UPDATE',
  },
  {
    is: 'a local and a distributed table in one list',
    isIn: tree =>
      found('SelectStmt', tree).some(({ fromClause }) => {
        const tables = (fromClause as unknown[] | undefined)?.flatMap(directTables) ?? []
        return tables.some(isDistributed) && tables.some(name => LOCAL.has(name))
      }),
    example: 'SELECT 1 FROM banner_changes JOIN banner_revisions USING (revision)',
  },
]

/** Of what writes. */
const WRITING: readonly Shape[] = [
  {
    is: 'MERGE',
    isIn: tree => found('MergeStmt', tree).length > 0,
    example: 'MERGE INTO banners USING click_days ON id = banner_id WHEN MATCHED THEN DELETE',
  },
  {
    is: 'WITH that writes',
    isIn: tree => found('CommonTableExpr', tree).some(({ ctequery }) => writes(ctequery).length > 0),
    example: 'WITH gone AS (DELETE FROM banners RETURNING id) SELECT id FROM gone',
  },
  {
    is: 'the present time in DO UPDATE SET',
    isIn: tree => found('onConflictClause', tree).some(hasChanging),
    example: 'INSERT INTO click_ledger VALUES (1) ON CONFLICT (writer) DO UPDATE SET updated_at = now()',
  },
  {
    is: 'ON CONFLICT without the column that the table goes by',
    isIn: tree =>
      writesToDistributed(tree).some(({ write, table }) => {
        const clause = write.onConflictClause as Tree | undefined
        return (
          clause !== undefined &&
          !found('IndexElem', clause).some(({ name }) => name === DISTRIBUTED.get(table))
        )
      }),
    example: 'INSERT INTO banners (id) VALUES (1) ON CONFLICT DO NOTHING',
  },
  {
    is: 'another value for the column that the table goes by',
    isIn: tree =>
      writesToDistributed(tree).some(({ write, table }) =>
        [
          ...namesSet('whereClause' in write || 'fromClause' in write ? write : undefined),
          ...namesSet(write.onConflictClause),
        ].includes(DISTRIBUTED.get(table)!),
      ),
    example: 'UPDATE banners SET id = 2 WHERE id = 1',
  },
  {
    is: 'a function in RETURNING',
    isIn: tree =>
      writesToDistributed(tree).some(({ write }) =>
        ['returningClause', 'returningList'].some(name => found('FuncCall', write[name]).length > 0),
      ),
    example: 'DELETE FROM click_days RETURNING to_timestamp(0)',
  },
  {
    is: 'a write to one kind of table that reads the other',
    isIn: tree =>
      writes(tree).some(({ write, table }) => {
        const others = tablesOf(write).filter(name => name !== table)
        return isDistributed(table) ? others.some(name => LOCAL.has(name)) : others.some(isDistributed)
      }),
    example: 'DELETE FROM banners USING banner_revisions WHERE version = token',
  },
  {
    is: 'ctid',
    isIn: tree => found('ColumnRef', tree).some(({ fields }) => textsOf(fields).at(-1) === 'ctid'),
    example: 'DELETE FROM click_days WHERE ctid = $1',
  },
]

/** Of what changes tables and settings. */
const CHANGING_TABLES: readonly Shape[] = [
  {
    is: 'SET that outlasts its transaction',
    isIn: tree => found('VariableSetStmt', tree).some(({ is_local: isLocal }) => isLocal !== true),
    example: "SET timezone = 'UTC'",
  },
  {
    is: 'a unique key without the column that the table goes by',
    isIn: tree =>
      uniqueKeys(tree).some(
        ({ table, columns }) => isDistributed(table) && !columns.includes(DISTRIBUTED.get(table)!),
      ),
    example: 'CREATE TABLE banners (id bigint, name text PRIMARY KEY)',
  },
  {
    is: 'a trigger or a foreign key',
    isIn: tree =>
      found('CreateTrigStmt', tree).length > 0 ||
      found('Constraint', tree).some(({ contype }) => contype === 'CONSTR_FOREIGN'),
    example: 'CREATE TABLE banners (id bigint REFERENCES click_imports (rows))',
  },
]

export const SHAPES: readonly Shape[] = [...READING, ...WRITING, ...CHANGING_TABLES]

/** Those of joins, too; not those of lists in parentheses. */
function directTables(part: unknown): string[] {
  const { RangeVar: table, JoinExpr: join } = part as Record<string, Tree | undefined>
  if (join !== undefined) return [join.larg, join.rarg].flatMap(directTables)
  return table === undefined ? [] : [String(table.relname)]
}

function uniqueKeys(tree: unknown): { table: string; columns: string[] }[] {
  const isUnique = ({ contype }: Tree) => contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE'
  const ofTables = found('CreateStmt', tree).flatMap(({ relation, tableElts }) => {
    const table = String((relation as Tree).relname)
    const ofColumns = found('ColumnDef', tableElts)
      .filter(column => found('Constraint', column).some(isUnique))
      .map(({ colname }) => ({ table, columns: [String(colname)] }))
    const ofTable = ((tableElts ?? []) as Tree[])
      .flatMap(element => (element.Constraint === undefined ? [] : [element.Constraint as Tree]))
      .filter(isUnique)
      .map(({ keys }) => ({ table, columns: textsOf(keys) }))
    return [...ofColumns, ...ofTable]
  })
  const ofIndexes = found('IndexStmt', tree)
    .filter(({ unique }) => unique === true)
    .map(index => ({
      table: String((index.relation as Tree).relname),
      columns: found('IndexElem', index).map(({ name }) => String(name)),
    }))
  return [...ofTables, ...ofIndexes]
}
