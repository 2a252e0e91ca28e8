import type { Sums } from '../../../../db/stats/digits.ts'
import type { Entries } from '../../../../db/stats/entries.ts'
import type { GroupStats, ManyStats } from '../../../../db/stats/read-many.ts'
import { guarded } from '../../../banners/banner-cells.ts'
import { csvCell } from '../../../base/csv.ts'
import type { ManyQuestion, Question } from '../../../questions/question.ts'
import { formatTime } from '../../../questions/time.ts'
import { entriesOf, entryTimes, groupTimes, type WithEntries, type WriteMinute } from './entries.ts'
import type { StatsFormat } from './format.ts'
import { inPieces } from './pieces.ts'

const ALL_COLUMNS = 'ts,clicks,bots,duplicates\r\n'

/**
 * CSV of RFC 4180: a header line, then a line for each entry. CRLF ends every line, the last one too. An answer that
 * broke off lacks HTTP's end of a body, so a client can tell it from a shorter table.
 */
export const statsCsv: StatsFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  fileName,
  async *one(parts, bannerId, question) {
    const isPlain = question.step === 'minute' && question.timeZone === 'UTC'
    const write = entryTimes(question, question)
    for await (const part of parts)
      if (part.kind === 'begun') yield isPlain ? 'ts,clicks\r\n' : `banner,${ALL_COLUMNS}`
      else if (part.kind === 'page' && part.starts.length > 0)
        yield isPlain ? plainLines(part, write) : lines(`${bannerId},`, part, write)
  },
  many: (answer, question) => inPieces(manyText(answer, question)),
}

function* manyText(answer: ManyStats, question: ManyQuestion): Generator<string, void> {
  const write = groupTimes(question, question)
  const linesOf = function* (prefix: string, stats: Sums & WithEntries) {
    // Of `all`, those with 0 as well: it is a table of sums.
    for (const entries of entriesOf(stats, { ...question, fill: true }, question))
      yield lines(prefix, entries, write)
  }
  if (question.group === 'none') {
    yield ALL_COLUMNS
    yield* linesOf('', { ...answer.sums, entries: answer.entries })
    return
  }
  yield `${question.group},${ALL_COLUMNS}`
  for (const group of answer.groups) yield* linesOf(`${cellOf(group)},`, group)
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

function plainLines({ starts, totals }: Entries, write: WriteMinute): string {
  let text = ''
  for (let row = 0; row < starts.length; row++) text += `${write(starts[row]!)},${totals[row]}\r\n`
  return text
}

function lines(prefix: string, { starts, totals, bots, duplicates }: Entries, write: WriteMinute): string {
  let text = ''
  for (let row = 0; row < starts.length; row++)
    text += `${prefix}${write(starts[row]!)},${totals[row]},${bots[row]},${duplicates[row]}\r\n`
  return text
}
