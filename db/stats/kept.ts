import type { Cuts } from '../../lib/questions/cuts.ts'
import { type MinuteRange, startOf } from '../../lib/questions/time-range.ts'
import { arrayLiteral } from '../connection/array-literal.ts'
import { statements } from '../statements.ts'

/** The beginning of a statement about a question's clicks: a part for each table that the question needs. */
export function keptBy({ days, quarters, minutes }: Cuts, moved: readonly MinuteRange[]): string {
  const parts: string[] = []
  if (days.length > 0) parts.push(days.length === 1 ? statements.keptDays : statements.keptDaysByPiece)
  if (quarters.length > 0)
    parts.push(quarters.length === 1 ? statements.keptQuarters : statements.keptQuartersByPiece)
  if (minutes.length > 0) parts.push(statements.keptMinutes)
  if (moved.length > 0) parts.push(statements.keptMoved)
  // In a range within a minute no minute starts: then this part has no rows.
  if (parts.length === 0) parts.push(statements.keptDays)
  return statements.kept + parts.join('UNION ALL\n')
}

/** What a part is given: the pieces, and the first and the last moment of all of them. */
export function parametersOfPieces(pieces: readonly MinuteRange[]): unknown[] {
  return [
    ...[arrayLiteral(pieces.map(({ from }) => from)), arrayLiteral(pieces.map(({ to }) => to))],
    ...[startOf(pieces[0]?.from ?? 0), startOf(pieces.at(-1)?.to ?? 0)],
  ]
}
