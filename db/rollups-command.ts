import type pg from 'pg'
import { counted } from '../lib/base/counted.ts'
import { ClickCounterError } from '../lib/base/errors.ts'
import { formatTime } from '../lib/questions/time.ts'
import { startOf } from '../lib/questions/time-range.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { daysOf } from './commands/day-options.ts'
import { progressLine } from './commands/progress.ts'
import { readHistoryState } from './history/history-state.ts'
import { expectMinutes, MENDED_AT_ONCE, mend } from './history/rebuild.ts'
import { ROLL_UP_KINDS } from './history/roll-up.ts'
import {
  comparableFrom,
  type Difference,
  differencesIn,
  inPieces,
  type Range,
  storedDays,
  VERIFY_LIMITS,
} from './history/verify.ts'

const HELP = `Usage: npm run rollups -- verify [--from TIME] [--to TIME]
       npm run rollups -- rebuild --from TIME --to TIME

  verify     compare quarters of an hour with minutes, and days with quarters, as far as these are kept, and both with
             what was imported. Lists what differs; the exit code is 1 then. Reads all minutes of the range
  rebuild    make what differs anew, and list it

  --from     the first day, such as 2026-11-01; left out: that of the first click
  --to       the end: 2026-11-08 is the end of the 7th; left out: now. Both in UTC, of whole days

A line tells a sum, and what it should be: clicks, bots, duplicates. "none" is no row.
Services may go on meanwhile.
The database is that of the service's settings: see npm run config.
`

/** A service's connections begin otherwise, see db/sql/service-connections.sql. */
const NAME = 'clickcounter command rollups'
/** More lines tell nothing new. */
const MOST_LISTED = 1000

const ACTIONS: Readonly<Record<string, (client: pg.Client, range: Range) => Promise<void>>> = {
  verify,
  rebuild,
}

async function main([action = '', ...args]: readonly string[]): Promise<void> {
  if (!Object.hasOwn(ACTIONS, action)) throw new UsageError('say verify or rebuild')
  const { texts, rest } = parseOptions(args, [], ['from', 'to'])
  if (rest.length > 0) throw new UsageError('days are given as --from and --to')
  const days = daysOf(texts)
  if (action === 'rebuild' && (days.from === undefined || days.until === undefined))
    throw new UsageError('rebuild takes --from and --to')
  await withDatabase({ mayBeNew: false }, ({ server }) =>
    withConnection(server, NAME, VERIFY_LIMITS, async client => {
      await ACTIONS[action]!(client, await storedDays(client, days))
    }),
  )
}

async function verify(client: pg.Client, range: Range): Promise<void> {
  let differing = 0
  await eachPiece(range, async (kind, piece) => {
    const found = await differencesIn(client, kind, piece, MOST_LISTED - differing)
    for (const difference of found) list(difference)
    differing += found.length
    return differing < MOST_LISTED
  })
  tell(await leftOut(client, range))
  if (differing === 0) tell(`${wordsOf(range)}: all sums are right.\n`)
  else throw new ClickCounterError('HISTORY_DIFFERS', differingWords(differing))
}

function differingWords(count: number): string {
  if (count === 1) return '1 sum differs: npm run rollups -- rebuild makes it anew'
  const more = count < MOST_LISTED ? '' : ' or more'
  return `${count} sums${more} differ: npm run rollups -- rebuild makes them anew`
}

/** Days after all quarters: they are made of these. */
async function rebuild(client: pg.Client, range: Range): Promise<void> {
  await expectMinutes(client, range)
  let mended = 0
  await eachPiece(range, async (kind, piece) => {
    for (let last: Difference | undefined; ; ) {
      const found = await differencesIn(client, kind, piece, MENDED_AT_ONCE)
      const [first] = found
      if (first === undefined) return true
      if (last?.bannerId === first.bannerId && last.start === first.start)
        throw new ClickCounterError('HISTORY_DIFFERS', `this sum stays as it is: ${lineOf(first)}`)
      await mend(client, kind, found)
      for (const difference of found) list(difference)
      mended += found.length
      last = first
    }
  })
  tell(`${wordsOf(range)}: ${counted(mended, 'sum')} made anew.\n`)
}

async function eachPiece(
  range: Range,
  look: (kind: Difference['kind'], piece: Range) => Promise<boolean>,
): Promise<void> {
  const progress = progressLine()
  try {
    for (const kind of ROLL_UP_KINDS)
      await inPieces(kind, range, async piece => {
        progress.show(`${kind}: ${timeOf(piece.from)}`)
        return await look(kind, piece)
      })
  } finally {
    progress.end()
  }
}

/** What of the range is not looked at, a line each. */
async function leftOut(client: pg.Client, { from }: Range): Promise<string> {
  const state = await readHistoryState(client)
  return ROLL_UP_KINDS.filter(kind => from < comparableFrom(kind, state))
    .map(
      kind =>
        `Not compared: ${kind} before ${timeOf(comparableFrom(kind, state))}. Nothing finer is kept of that time.\n`,
    )
    .join('')
}

function list(difference: Difference): void {
  process.stdout.write(`${lineOf(difference)}\n`)
}

function lineOf({ kind, bannerId, start, kept, counted }: Difference): string {
  const what = kind === 'quarters' ? 'quarter' : 'day'
  return `${what} ${timeOf(start)} banner ${bannerId}: is ${kept || 'none'}, should be ${counted || 'none'}`
}

function wordsOf({ from, until }: Range): string {
  return from < until ? `${timeOf(from)} to ${timeOf(until)}` : 'no clicks'
}

function timeOf(minute: number): string {
  return formatTime(startOf(minute))
}

function tell(text: string): void {
  process.stderr.write(text)
}

await runCommand(HELP, main)
