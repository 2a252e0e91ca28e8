import { EXPORT_STEPS, type ExportPlace, type ExportQuestion } from '../../lib/questions/export.ts'
import { type MinuteRange, minutesOf, startOf } from '../../lib/questions/time-range.ts'
import type { ConnectionPool } from '../connection/hosts-pool.ts'
import { type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import type { Final } from '../fleet/final-through.ts'
import { minutesPart, type Part, partsOf, stepsOf } from './part.ts'
import { Snapshot } from './snapshot.ts'
import { refuseDropped, refuseImported } from './too-fine.ts'

/**
 * What one transaction reads, in minutes. Postgres sorts it, and holds it while the client reads: with 100 000 banners that
 * are clicked in each minute, 1.5 million rows at the most.
 */
const SLICE_MINUTES = { minute: 15, quarter: 60, hour: 360, day: 1440 } as const
/** A client that does not read for so long ends its transaction. */
const LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: 60_000 }

/** One line of an export. Counts are digits. */
export interface ExportRow {
  /** Where the step begins, in minutes since the epoch. */
  readonly start: number
  readonly bannerId: number
  /** Valid clicks. */
  readonly clicks: string
  readonly bots: string
  readonly duplicates: string
}

/**
 * `begun` comes once, when nothing can refuse the question any more. `to`: the rows are all up to there. `sliceEnded` comes
 * now and then, also where nobody has clicked. No connection is held then.
 */
export type ExportPart =
  | { readonly kind: 'begun'; readonly final: Final; readonly to: Date }
  | { readonly kind: 'sliceEnded' }
  | { readonly kind: 'rows'; readonly rows: readonly ExportRow[] }

/**
 * All that is final of a range, ascending by time, then by banner. What is final does not change any more, so each slice
 * of it has a transaction of its own: an export of a year keeps Postgres from cleaning up for one slice. Throws
 * TooFineError before `begun`, and later when what is still to be read is dropped meanwhile.
 */
export async function* readExport(
  pool: ConnectionPool,
  question: ExportQuestion,
): AsyncGenerator<ExportPart, void> {
  const { final, to } = await begin(pool, question)
  yield { kind: 'begun', final, to: startOf(to) }
  const length = SLICE_MINUTES[question.step]
  const { from } = minutesOf(question)
  const first = Math.max(from, question.after?.start ?? from)
  for (let at = first; at < to; ) {
    // Slices begin at their multiples, wherever the export does: then days are whole.
    const end = Math.min(to, (Math.floor(at / length) + 1) * length)
    yield* readSlice(pool, question, { from: at, to: end })
    yield { kind: 'sliceEnded' }
    at = end
  }
}

/** How far all is final, and the end of what is exported of the range, in minutes since the epoch. */
async function begin(
  pool: ConnectionPool,
  question: ExportQuestion,
): Promise<{ readonly final: Final; readonly to: number }> {
  using snapshot = new Snapshot(await pool.connect())
  const state = await snapshot.begin(LIMITS)
  const { finalThrough } = state.final
  const { from, to } = minutesOf(question)
  const length = EXPORT_STEPS[question.step]
  const finalMinutes = finalThrough === null ? from : Date.parse(finalThrough) / 60_000
  const end = Math.max(from, Math.min(to, Math.floor(finalMinutes / length) * length))
  const part = await wholePart(question)
  refuseDropped(part, state)
  await refuseImported(snapshot, { kind: 'all' }, part)
  await snapshot.end()
  return { final: state.final, to: end }
}

/** As if all were summed up: then only what has to be read of a finer table is. */
async function wholePart(question: ExportQuestion): Promise<Part> {
  if (question.step === 'minute') return minutesPart(question)
  const [part] = await partsOf(await stepsOf(asked(question)), {
    quartersUntil: Infinity,
    daysUntil: Infinity,
  })
  return part!
}

function asked({ from, to, step }: Omit<ExportQuestion, 'after'>) {
  return { from, to, step, timeZone: 'UTC', fill: false, compare: null }
}

async function* readSlice(
  pool: ConnectionPool,
  { step, after }: ExportQuestion,
  slice: MinuteRange,
): AsyncGenerator<ExportPart, void> {
  using snapshot = new Snapshot(await pool.connect())
  const state = await snapshot.begin(LIMITS)
  const range = { from: startOf(slice.from), to: startOf(slice.to), step }
  const [part] = await partsOf(await stepsOf(asked(range)), state)
  // Once more: without its rows, the answer would look whole.
  refuseDropped(part!, state)
  await snapshot.beginRows(part!, placeIn(part!, after))
  for (;;) {
    const rows = await snapshot.nextRows()
    if (rows.length === 0) break
    const { starts } = part!
    yield { kind: 'rows', rows: rows.map(({ step: nth, ...row }) => ({ start: starts[nth - 1]!, ...row })) }
  }
  await snapshot.end()
}

/** The place as a number of a step of this part, from 1; 0: the part is behind it. */
function placeIn({ starts }: Part, after: ExportPlace | null): { nth: number; bannerId: number } {
  return after === null
    ? { nth: 0, bannerId: 0 }
    : { nth: starts.indexOf(after.start) + 1, bannerId: after.bannerId }
}
