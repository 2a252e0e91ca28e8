import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type pg from 'pg'
import { counted } from '../lib/base/counted.ts'
import { ClickCounterError } from '../lib/base/errors.ts'
import { formatTime } from '../lib/questions/time.ts'
import { startOf } from '../lib/questions/time-range.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { progressLine } from './commands/progress.ts'
import { expectImportable, IMPORT_LIMITS, importClicks } from './history/import/import-clicks.ts'
import { type HistoryFile, readHistory } from './history/import/read-history.ts'
import { migrate } from './schema/migrate.ts'

const HELP = `Usage: npm run import -- FILE [--preview]

Adds the clicks of an older counter to those that are counted: all of FILE or nothing. The same FILE is taken once.

  FILE        in CSV, - is the standard input. Its first line names three columns: banner,minute,clicks
              or banner,hour,clicks or banner,day,clicks. Times are in ISO 8601, without an offset in UTC
  --preview   check FILE, tell what it holds, and change nothing

The database is that of the service's settings: see npm run config. The service may run meanwhile.
`

const NAME = 'clickcounter import'

async function main(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['preview'])
  const [path, ...more] = rest
  if (path === undefined || more.length > 0) throw new UsageError('name one FILE')
  const isPreview = given.has('preview')
  // Before a database is started or made for it.
  const file = await readFile(path)
  await withDatabase({ mayBeNew: !isPreview }, async ({ server }) => {
    if (!isPreview) for (const step of await migrate(server, { kind: 'up' })) tell(step)
    await withConnection(server, NAME, IMPORT_LIMITS, async client => {
      if (isPreview) await preview(client, file)
      else await add(client, file, path === '-' ? 'the standard input' : basename(path))
    })
  })
}

async function readFile(path: string): Promise<HistoryFile> {
  const source = path === '-' ? process.stdin : createReadStream(path)
  const progress = progressLine()
  try {
    return await readHistory(source, {
      nowMs: Date.now(),
      onProgress: lines => progress.show(`read: ${counted(lines, 'line')}`),
    })
  } catch (error) {
    if (error instanceof ClickCounterError) throw error
    throw new ClickCounterError('FILE_UNREADABLE', `${path} cannot be read: ${(error as Error).message}`)
  } finally {
    progress.end()
  }
}

async function preview(client: pg.Client, file: HistoryFile): Promise<void> {
  await expectImportable(client, file)
  tell(`It would be ${contentOf(file)}. Nothing was changed.`)
}

async function add(client: pg.Client, file: HistoryFile, name: string): Promise<void> {
  const progress = progressLine()
  const onProgress = (rows: number) => progress.show(`written: ${counted(rows, 'row')}`)
  const droppedClicks = await importClicks(client, file, { name, onProgress }).finally(progress.end)
  tell(`Imported ${contentOf(file)}.`)
  if (droppedClicks > 0)
    tell(
      `Of these, ${counted(droppedClicks, 'click')} are of months that are not kept so fine any more: they are in ` +
        'coarser sums alone.',
    )
}

function contentOf({ grain, rows }: HistoryFile): string {
  const { first, last } = rows.span()
  const [from, to] = [first, last].map(minute => formatTime(startOf(minute)))
  return `${counted(rows.clicks, 'click')} in ${counted(rows.count, 'line')}, from the ${grain} of ${from} to that of ${to}`
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

await runCommand(HELP, main)
