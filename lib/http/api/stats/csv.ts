import type { Sums } from '../../../../db/stats/digits.ts'
import type { Entries } from '../../../../db/stats/entries.ts'
import type { GroupStats } from '../../../../db/stats/read-many.ts'
import { guarded } from '../../../banners/banner-cells.ts'
import { csvCell } from '../../../base/csv.ts'
import type { Question } from '../../../questions/question.ts'
import { formatTime } from '../../../questions/time.ts'
import type { WriteMinute } from '../../../questions/write-times.ts'
import { entriesOf, entryTimes, groupTimes, type WithEntries } from './entries.ts'
import type { StatsFormat } from './format.ts'
import { Piece } from './piece.ts'

const ALL_COLUMNS = 'ts,clicks,bots,duplicates\r\n'

/**
 * CSV of RFC 4180: a header line, then a line for each entry. CRLF ends every line, the last one too. An answer that
 * broke off lacks HTTP's end of a body, so a client can tell it from a shorter table.
 */
export const statsCsv: StatsFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  fileName,
  async *one(parts, bannerId, question) {
    const piece = new Piece()
    const isPlain = question.step === 'minute' && question.timeZone === 'UTC'
    const linesOf = lineWriter(isPlain ? '' : `${bannerId},`, entryTimes(question, question), !isPlain, piece)
    for await (const part of parts)
      if (part.kind === 'begun') {
        piece.text(isPlain ? 'ts,clicks\r\n' : `banner,${ALL_COLUMNS}`)
        yield piece.take()
      } else if (part.kind === 'page') yield* linesOf(part.entries)
    if (!piece.isEmpty) yield piece.take()
  },
  *many(answer, question) {
    const piece = new Piece()
    const write = groupTimes(question, question)
    // Of `all`, those with 0 as well: it is a table of sums.
    const linesOf = (prefix: string, stats: Sums & WithEntries) =>
      lineWriter(prefix, write, true, piece)(entriesOf(stats, { ...question, fill: true }, question))
    piece.text(question.group === 'none' ? ALL_COLUMNS : `${question.group},${ALL_COLUMNS}`)
    if (question.group === 'none') yield* linesOf('', { ...answer.sums, entries: answer.entries })
    else for (const group of answer.groups) yield* linesOf(`${cellOf(group)},`, group)
    if (!piece.isEmpty) yield piece.take()
  },
}

/** The basic format of ISO 8601 has no colons, so any file system takes it as a name. */
function fileName(what: string, { from, to, step }: Question): string {
  const times = [from, to].map(time => formatTime(time).replaceAll(/[-:]/g, ''))
  return `${['clicks', what, ...(step === 'minute' ? [] : [step]), ...times].join('-')}.csv`
}

/** The first cell of a group's lines. */
function cellOf({ of }: GroupStats): string {
  return 'bannerId' in of ? String(of.bannerId) : csvCell(guarded(of.campaign ?? ''))
}

/** Writes a line for each entry. `hasAll`: with the columns of what was filtered. */
function lineWriter(prefix: string, write: WriteMinute, hasAll: boolean, piece: Piece) {
  return function* (entries: Entries): Generator<Buffer, void> {
    while (entries.next()) {
      piece.text(prefix)
      write(entries.start, piece)
      piece.text(',')
      piece.number(entries.total)
      if (hasAll) {
        piece.text(',')
        piece.number(entries.bots)
        piece.text(',')
        piece.number(entries.duplicates)
      }
      piece.text('\r\n')
      if (piece.isFull) yield piece.take()
    }
  }
}
