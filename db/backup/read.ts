import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import Joi from '@hapi/joi'
import { ClickCounterError } from '../../lib/base/errors.ts'
import {
  type BackedUpTable,
  type BackupEnd,
  type BackupHeader,
  countRows,
  END_MARK,
  END_OF_ROWS,
  FORMAT,
  HEADER_MARK,
  type RowCounts,
  tableLine,
} from './format.ts'
import { TextSource } from './text-source.ts'

export interface Backup {
  readonly header: BackupHeader
  readonly rows: RowCounts
}

/** What is done with the file while it is read. When reading fails, the caller undoes what was done. */
interface BackupVisitor {
  header?(header: BackupHeader): Promise<void>
  /** Must read all rows, which are in COPY's text form. */
  table?(table: BackedUpTable, rows: AsyncIterable<Buffer>): Promise<void>
}

/**
 * Reads a backup from its first byte to its last. Rejects with a ClickCounterError when the file is no
 * backup, is not complete, or was changed.
 */
export async function readBackup(path: string, visitor: BackupVisitor): Promise<Backup> {
  await expectFile(path)
  const file = createReadStream(path)
  const text = createGunzip()
  // The callback is empty, because its errors also come out of the reading.
  pipeline(file, text, () => {})
  try {
    return await readText(new TextSource(text), visitor)
  } catch (error) {
    throw explained(path, error as NodeJS.ErrnoException, error === file.errored)
  } finally {
    file.destroy()
  }
}

/** Only a file can be read twice: a pipe would be empty the second time. */
async function expectFile(path: string): Promise<void> {
  const found = await stat(path).catch(error => {
    throw unreadable(path, error.message)
  })
  if (!found.isFile()) throw unreadable(path, 'it is not a file')
}

async function readText(source: TextSource, visitor: BackupVisitor): Promise<Backup> {
  const digest = createHash('sha256')
  const first = await source.line()
  const header = parse<BackupHeader>(first, HEADER_MARK, headerSchema)
  digest.update(first!)
  await visitor.header?.(header)
  const rows: Record<string, number> = {}
  for (const table of header.tables) {
    if ((await source.line()) !== tableLine(table)) throw new Damage(`the rows of ${table.name} are missing`)
    digest.update(tableLine(table))
    let count = 0
    const counted = async function* () {
      const lines = source.linesUntil(END_OF_ROWS)
      for (;;) {
        const { value, done } = await lines.next()
        if (done && !value) throw new Damage('it is cut off')
        if (done) return
        digest.update(value)
        count += countRows(value)
        yield value
      }
    }
    await (visitor.table ?? passOver)(table, counted())
    digest.update(END_OF_ROWS)
    rows[table.name] = count
  }
  const end = parse<BackupEnd>(await source.line(), END_MARK, endSchema)
  if (digest.digest('hex') !== end.sha256) throw new Damage('its digest differs')
  if (!(await source.isAtEnd())) throw new Damage('something follows its end')
  return { header, rows }
}

async function passOver(_table: BackedUpTable, rows: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of rows);
}

const name = Joi.string()
  .pattern(/^[a-z][a-z0-9_]{0,62}$/)
  .required()

const minute = Joi.number().integer().allow(null).required()
const partitions = Joi.array().items(Joi.object({ from: minute, until: minute }))

const headerSchema = Joi.object({
  format: Joi.number().valid(FORMAT).required(),
  // Plain characters only, because messages show it.
  program: Joi.string()
    .pattern(/^[\w.+-]+$/)
    .required(),
  schemaVersion: Joi.number().integer().min(1).required(),
  at: Joi.string().isoDate().required(),
  tables: Joi.array()
    .items(Joi.object({ name, columns: Joi.array().items(name).min(1).unique().required(), partitions }))
    .unique('name')
    .required(),
}).required()

const endSchema = Joi.object({
  rows: Joi.object().required(),
  sha256: Joi.string().hex().length(64).required(),
}).required()

class Damage extends Error {}

function parse<T>(line: string | null, mark: string, schema: Joi.ObjectSchema): T {
  if (line === null || !line.startsWith(mark)) throw new Damage(`no line begins with ${mark.trim()}`)
  const { value, error } = schema.validate(JSON.parse(line.slice(mark.length)), { convert: false })
  if (error !== undefined) throw new Damage(error.message)
  return value
}

function explained(path: string, error: NodeJS.ErrnoException, isOfFile: boolean): unknown {
  const { message, code = '' } = error
  if (error instanceof Damage || error instanceof SyntaxError || code.startsWith('Z_'))
    return new ClickCounterError(
      'BACKUP_DAMAGED',
      `${path} is not a complete backup of this service (${message}): nothing was changed. Take another file.`,
    )
  return isOfFile ? unreadable(path, message) : error
}

function unreadable(path: string, why: string): ClickCounterError {
  return new ClickCounterError('BACKUP_UNREADABLE', `${path} cannot be read: ${why}`)
}
