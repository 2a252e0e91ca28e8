import type { ExportPart, ExportRow } from '../../../../db/stats/export.ts'
import type { MinuteRange } from '../../../questions/time-range.ts'
import { timeWriter } from '../../../questions/write-times.ts'
import { Piece } from './piece.ts'

/** Those of an export. Clients that accept anything get the first one. */
export const EXPORT_TYPES = ['application/x-ndjson', 'text/csv'] as const
export type ExportType = (typeof EXPORT_TYPES)[number]

/** What a line has around its time and its figures. */
const FORMS = {
  'application/x-ndjson': {
    head: '',
    before: '{"ts":"',
    names: ['","bannerId":', ',"clicks":', ',"bots":', ',"duplicates":'],
    end: '}\n',
  },
  'text/csv': {
    head: 'ts,banner,clicks,bots,duplicates\r\n',
    before: '',
    names: [',', ',', ',', ','],
    end: '\r\n',
  },
} as const

/** A line for each row, in pieces. */
export async function* exportText(
  parts: AsyncIterable<ExportPart>,
  range: MinuteRange,
  type: ExportType,
): AsyncGenerator<Buffer, void> {
  const { head, before, names, end } = FORMS[type]
  const piece = new Piece()
  const writeTime = timeWriter('UTC', range)
  const write = ({ start, bannerId, clicks, bots, duplicates }: ExportRow) => {
    piece.text(before)
    writeTime(start, piece)
    for (const [nth, figure] of [String(bannerId), clicks, bots, duplicates].entries()) {
      piece.text(names[nth]!)
      piece.text(figure)
    }
    piece.text(end)
  }
  for await (const part of parts) {
    if (part.kind === 'rows')
      for (const row of part.rows) {
        write(row)
        if (piece.isFull) yield piece.take()
      }
    else {
      if (part.kind === 'begun') piece.text(head)
      // Also when it is empty: only at a yield can somebody who has left end the reading.
      yield piece.take()
    }
  }
}
