import { counted } from '../../lib/base/counted.ts'
import type { Bounds } from '../history/months.ts'

/*
 * A backup is one gzip file of text. psql understands it as well:
 *
 *   -- clickcounter backup {"format":1,"program":"1.0.0","schemaVersion":2,"at":"…","tables":[…]}
 *   COPY click_minutes (banner_id, minute, clicks) FROM stdin;
 *   1	2026-01-01 00:00:00+00	4
 *   \.
 *   -- clickcounter end {"rows":{"click_minutes":1},"sha256":"…"}
 *
 * Each table has a block, in the order of the header, with rows as Postgres' COPY writes them. The last line
 * has the number of rows and the digest of all bytes before it. A file without that line is not complete.
 */

export const FORMAT = 1
export const HEADER_MARK = '-- clickcounter backup '
export const END_MARK = '-- clickcounter end '
export const END_OF_ROWS = '\\.\n'

export interface BackedUpTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Of a table by months: which ones it has. A restore makes the same. */
  readonly partitions?: readonly Bounds[]
}

export interface BackupHeader {
  readonly format: number
  /** Version of the program that wrote it. */
  readonly program: string
  /** Version of the tables. */
  readonly schemaVersion: number
  /** When the snapshot was taken, RFC 3339. */
  readonly at: string
  readonly tables: readonly BackedUpTable[]
}

/** By table. */
export type RowCounts = Readonly<Record<string, number>>

/** Told how many rows of a table were written or read so far. */
export type OnProgress = (table: string, rows: number) => void

export interface BackupEnd {
  readonly rows: RowCounts
  readonly sha256: string
}

export function headerLine(header: BackupHeader): string {
  return `${HEADER_MARK}${JSON.stringify(header)}\n`
}

/** The line before a table's rows. Names come from our migrations, so none needs quotes. */
export function tableLine({ name, columns }: BackedUpTable): string {
  return `COPY ${name} (${columns.join(', ')}) FROM stdin;\n`
}

export function endLine(end: BackupEnd): string {
  return `${END_MARK}${JSON.stringify(end)}\n`
}

/** In COPY's text form a row is a line: a line break in a value is written as two characters. */
export function countRows(chunk: Buffer): number {
  let rows = 0
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows++
  return rows
}

/** For people: `click_minutes 12 rows, click_ledger 1 row`. */
export function describeRows(rows: RowCounts): string {
  return Object.entries(rows)
    .map(([table, count]) => `${table} ${counted(count, 'row')}`)
    .join(', ')
}
