import { createHash, type Hash } from 'node:crypto'
import { parseBannerId, wrongBannerId } from '../../../lib/banners/banner-id.ts'
import { quote } from '../../../lib/config/wording.ts'
import { formatTime, parseTime } from '../../../lib/questions/time.ts'
import { expectCells, namedColumns } from '../../text-files/csv-columns.ts'
import { type CsvRecord, csvRecords } from '../../text-files/csv-records.ts'
import { invalidEntry, type Place } from '../../text-files/place.ts'
import { type FileRow, FileRows } from './file-rows.ts'
import { GRAIN_MINUTES, GRAINS, type Grain } from './grain.ts'

/** Of one line: so the clicks of a whole file are an exact number. */
const MAX_CLICKS = 2 ** 31 - 1
const COUNT_PATTERN = /^[1-9]\d{0,9}$/
/** Enough to say which one of a few others is no column. */
const MAX_CELLS = 16
const MINUTE_MS = 60_000

const COLUMNS = ['banner', ...GRAINS, 'clicks'] as const
type Column = (typeof COLUMNS)[number]
const HEADER_RULE =
  'a file begins with a line of three column names, separated by commas: banner, then minute or hour or day, then clicks'

/** An older counter's clicks, as a file has them. */
export interface HistoryFile {
  readonly grain: Grain
  readonly rows: FileRows
  /** Of all its bytes, in hexadecimal digits. */
  readonly sha256: string
}

interface Reading {
  /** Since the epoch. What begins later is wrong. */
  readonly nowMs: number
  /** Told how many lines of clicks were read so far. */
  readonly onProgress?: (lines: number) => void
}

/**
 * Reads a file of clicks in CSV to its end, and checks each line: three columns in any order, named by the first line.
 * Lines without text are passed over. Throws a ClickCounterError (IMPORT_INVALID) whose message names the first wrong
 * line.
 */
export async function readHistory(
  chunks: AsyncIterable<Buffer>,
  { nowMs, onProgress }: Reading,
): Promise<HistoryFile> {
  const hash = createHash('sha256')
  const rows = new FileRows()
  let header: Header | null = null
  for await (const records of csvRecords(hashed(chunks, hash), MAX_CELLS)) {
    for (const record of records)
      if (header === null) header = headerOf(record)
      else if (record.cells.some(cell => cell.trim() !== ''))
        rows.add(rowOf(header, record, nowMs), header.grain, record.place)
    onProgress?.(rows.count)
  }
  if (header === null) throw invalidEntry({ line: 1, entry: null }, HEADER_RULE)
  if (rows.count === 0) throw invalidEntry({ line: 2, entry: null }, 'there is no line of clicks')
  return { grain: header.grain, rows, sha256: hash.digest('hex') }
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

interface Header {
  readonly columns: readonly Column[]
  readonly grain: Grain
}

function headerOf(record: CsvRecord): Header {
  const columns = namedColumns(record, COLUMNS, HEADER_RULE)
  const [grain, ...others] = GRAINS.filter(grain => columns.includes(grain))
  const isWhole = columns.includes('banner') && columns.includes('clicks')
  if (grain === undefined || others.length > 0 || !isWhole) throw invalidEntry(record.place, HEADER_RULE)
  return { columns, grain }
}

function rowOf({ columns, grain }: Header, record: CsvRecord, nowMs: number): FileRow {
  expectCells(record, columns)
  const cell = (column: Column) => record.cells[columns.indexOf(column)]!.trim()
  const { place } = record
  const bannerId = parseBannerId(cell('banner'))
  if (bannerId === null) throw invalidEntry(place, wrongBannerId(cell('banner')))
  return {
    bannerId,
    minute: minuteOf(cell(grain), grain, nowMs, place),
    clicks: clicksOf(cell('clicks'), place),
  }
}

function clicksOf(text: string, place: Place): number {
  const clicks = COUNT_PATTERN.test(text) ? Number(text) : Number.NaN
  if (clicks <= MAX_CLICKS) return clicks
  const fault = /^0+[1-9]/.test(text) ? ' has leading zeros' : ''
  const rule = `clicks are a whole number from 1 to ${MAX_CLICKS}, and a line without clicks is left out`
  throw invalidEntry(place, `${quote(text)}${fault}: ${rule}`)
}

function minuteOf(text: string, grain: Grain, nowMs: number, place: Place): number {
  const atMs = parseTime(text)?.getTime()
  if (atMs === undefined)
    throw invalidEntry(
      place,
      `${quote(text)}: the start of ${anyOf(grain)} is a time in ISO 8601, such as ${EXAMPLES[grain]}; without an offset it is in UTC`,
    )
  const grainMs = GRAIN_MINUTES[grain] * MINUTE_MS
  const startMs = Math.floor(atMs / grainMs) * grainMs
  if (startMs !== atMs)
    throw invalidEntry(
      place,
      `${quote(text)} is not the start of ${anyOf(grain)} in UTC: ${formatTime(new Date(startMs))} is`,
    )
  if (atMs < 0) throw invalidEntry(place, `${quote(text)} is before 1970`)
  if (atMs > nowMs) throw invalidEntry(place, `${quote(text)} is in the future`)
  return atMs / MINUTE_MS
}

const EXAMPLES: Readonly<Record<Grain, string>> = {
  minute: '2024-12-12T10:05Z',
  hour: '2024-12-12T10:00Z',
  day: '2024-12-12',
}

function anyOf(grain: Grain): string {
  return grain === 'hour' ? 'an hour' : `a ${grain}`
}
