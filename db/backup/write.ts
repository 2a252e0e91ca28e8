import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { syncDirectory } from '../../lib/base/make-directory.ts'
import { version as program } from '../../lib/base/version.ts'
import { beginReading, commit, PLAIN_VALUES } from '../connection/transaction.ts'
import { listPartitions, MONTHLY_TABLES } from '../history/months.ts'
import { type PresentTable, qualified } from '../schema/schema.ts'
import { isBackedUp } from '../schema/tables.ts'
import { type PresentTables, presentTables, readVersion } from '../schema/versions.ts'
import { COPY_LIMITS } from './copy.ts'
import {
  type BackedUpTable,
  countRows,
  END_OF_ROWS,
  endLine,
  FORMAT,
  headerLine,
  type OnProgress,
  type RowCounts,
  tableLine,
} from './format.ts'

const GZIP = { level: 1 }
/** Errors of the file while it grows. Others are the database's. */
const DISK_ERRORS: unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']

/**
 * Writes all tables, as they are at one moment, into a new file. The file gets its name when it is complete
 * and on disk. Resolves with the number of rows. Rejects with a ClickCounterError when the file is there
 * already or cannot be written, or when there are no tables; then the client's transaction is still open.
 */
export async function writeBackup(
  client: pg.Client,
  path: string,
  onProgress: OnProgress,
): Promise<RowCounts> {
  const partial = `${path}.partial`
  expectAbsent(path, 'take another name')
  expectAbsent(partial, 'another backup is being written; remove that file if none is')
  const found = await beginSnapshot(client)
  const file = await createNew(path, partial)
  try {
    const rows: Record<string, number> = {}
    const text = textOf(client, found, rows, onProgress)
    await pipeline(text, createGzip(GZIP), file.createWriteStream({ flush: true }))
    await commit(client)
    expectAbsent(path, 'take another name')
    // The name last: a crash before the end would leave a file that passes for a backup.
    await rename(partial, path)
    syncDirectory(dirname(path))
    return rows
  } catch (error) {
    await rm(partial, { force: true })
    const { code, path: at } = error as NodeJS.ErrnoException
    throw at !== undefined || DISK_ERRORS.includes(code) ? unwritable(path, error) : error
  }
}

function expectAbsent(path: string, mend: string): void {
  if (existsSync(path)) throw new ClickCounterError('BACKUP_EXISTS', `${path} is there already: ${mend}`)
}

/** Makes a file that only its owner may read. */
async function createNew(path: string, partial: string): Promise<FileHandle> {
  try {
    return await open(partial, 'wx', 0o600)
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, error: unknown): ClickCounterError {
  return new ClickCounterError('BACKUP_UNWRITABLE', `${path} cannot be written: ${(error as Error).message}`)
}

/**
 * Locks the tables before the first query, which takes the snapshot. Swapped, a TRUNCATE or a migration in
 * between would show in the backup.
 */
async function beginSnapshot(client: pg.Client): Promise<PresentTables> {
  await beginReading(client)
  const found = await presentTables(client)
  await commit(client)
  if (found === null)
    throw new ClickCounterError(
      'NO_TABLES',
      'the database has no tables of this service: there is nothing to back up',
    )
  await beginReading(client, COPY_LIMITS, PLAIN_VALUES)
  await client.query(`LOCK TABLE ${found.tables.map(qualified).join(', ')} IN ACCESS SHARE MODE`)
  if ((await readVersion(client, found.schema)) === found.version) return found
  throw new ClickCounterError('MIGRATED_MEANWHILE', 'the tables are being migrated: try again')
}

async function describe(client: pg.Client, { name, columns }: PresentTable): Promise<BackedUpTable> {
  const monthly = MONTHLY_TABLES.find(table => name === `click_${table}`)
  if (monthly === undefined) return { name, columns }
  const partitions = await listPartitions(client, monthly)
  return { name, columns, partitions: partitions.map(({ from, until }) => ({ from, until })) }
}

async function* textOf(
  client: pg.Client,
  { version, tables }: PresentTables,
  rows: Record<string, number>,
  onProgress: OnProgress,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  const digested = (chunk: Buffer) => {
    digest.update(chunk)
    return chunk
  }
  const saved = tables.filter(isBackedUp)
  const header = {
    format: FORMAT,
    program,
    schemaVersion: version,
    at: new Date().toISOString(),
    tables: await Promise.all(saved.map(table => describe(client, table))),
  }
  yield digested(Buffer.from(headerLine(header)))
  for (const table of saved) {
    yield digested(Buffer.from(tableLine(table)))
    rows[table.name] = 0
    const columns = table.columns.map(pg.escapeIdentifier).join(', ')
    for await (const chunk of client.query(
      copyTo(`COPY (SELECT ${columns} FROM ${qualified(table)}) TO STDOUT`),
    )) {
      onProgress(table.name, (rows[table.name]! += countRows(chunk)))
      yield digested(chunk)
    }
    yield digested(Buffer.from(END_OF_ROWS))
  }
  yield Buffer.from(endLine({ rows, sha256: digest.digest('hex') }))
}
