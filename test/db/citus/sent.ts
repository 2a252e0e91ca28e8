import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { statements } from '../../../db/statements.ts'
import { keptBy } from '../../../db/stats/kept.ts'
import { ROOT, read } from '../../house/documents.ts'

/** A text that Postgres is sent, and where it stands. */
export interface Sent {
  readonly from: string
  readonly sql: string
}

type Pieces = { from: number; to: number }[]

/** Parts of a question about clicks, which are put together. */
const PARTS = /^(kept|sumsByGroup|clicksByStep|exportRows)/
const KEYWORDS =
  'SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|LOCK|TRUNCATE|COPY|SET|BEGIN|ROLLBACK|COMMIT|MERGE|CALL|DO|WITH'
/** In a text of the program. `COMMIT was answered` is an error's. */
const LITERAL = new RegExp(`(['"\`])((?:${KEYWORDS})\\b (?!was )(?:\\\\.|(?!\\1).)*)\\1`, 'gs')

/** Those of db/sql, whole questions with all of their parts. */
export function namedStatements(): Sent[] {
  const named = Object.entries(statements).filter(([name]) => !PARTS.test(name))
  return [...named.map(([from, sql]) => ({ from, sql })), ...questions()]
}

/** How many pieces there are of days, quarters and minutes, and of quarters that are moved: one has its own form. */
const COUNTS = [
  [1, 0, 0, 0],
  [2, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 2, 0, 0],
  [0, 0, 2, 0],
  [1, 1, 1, 0],
  [2, 2, 2, 0],
  [1, 0, 0, 2],
  [2, 2, 2, 2],
]

function questions(): Sent[] {
  return COUNTS.flatMap(counts => {
    const [days, quarters, minutes, moved] = counts.map(count =>
      Array.from({ length: count }, (_, at) => ({ from: at, to: at + 1 })),
    ) as [Pieces, Pieces, Pieces, Pieces]
    const begun = keptBy({ days, quarters, minutes, moved }, moved)
    return [
      { from: `sumsByGroup of ${counts}`, sql: begun + statements.sumsByGroup },
      { from: `clicksByStep of ${counts}`, sql: begun + statements.clicksByStep },
      { from: `exportRows of ${counts}`, sql: begun + statements.exportRows },
    ]
  })
}

/** Those that stand in the program's text, with a name in place of each expression. */
export function writtenStatements(): Sent[] {
  return (
    filesIn('db', '.ts')
      // That is for a file, and psql.
      .filter(file => file !== 'db/backup/format.ts')
      .concat(filesIn('lib', '.ts'))
      .flatMap(from =>
        Array.from(read(from).matchAll(LITERAL), ([, , sql]) => ({ from, sql: withoutExpressions(sql!) })),
      )
      .filter(({ sql }) => !/^(DELETE|SET) [/a-z]/.test(sql))
  )
}

/** Numbers stand where a number has to. What may be left out is. */
function withoutExpressions(sql: string): string {
  return sql
    .replaceAll(/\$\{[^{}]*: ''\}/g, '')
    .replaceAll(/(=|LIMIT|lock\() ?\$\{[^}]*\}/g, '$1 1')
    .replaceAll(/(?:\(\$\{bound\([^}]*\)\}\))/g, '(1)')
    .replaceAll(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, 'anything')
}

export function migrations(): Sent[] {
  return filesIn('db/migrations', '.sql').map(from => ({ from, sql: read(from) }))
}

function filesIn(directory: string, ending: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(directory, file))
    .sort()
}
