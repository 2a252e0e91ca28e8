import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import type pg from 'pg'
import { counted } from '../lib/base/counted.ts'
import { ClickCounterError } from '../lib/base/errors.ts'
import { COPY_LIMITS } from './backup/copy.ts'
import type { BannerFormat } from './banners/banner-format.ts'
import { exportText } from './banners/export-banners.ts'
import { readImport } from './banners/import/read-import.ts'
import type { Spool } from './banners/import/spool.ts'
import { type ImportSummary, importBanners } from './banners/import-banners.ts'
import { inPages, listBanners } from './banners/list-banners.ts'
import { FILTER_OPTIONS, filterOf, formatOf } from './commands/banner-options.ts'
import { describeBanners, describeDifferences } from './commands/banner-table.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { showProgress } from './commands/progress.ts'
import { printPieces, writePieces } from './commands/put-out.ts'
import { beginReading, commit, type Limits, SERVICE_LIMITS } from './connection/transaction.ts'
import { migrate } from './schema/migrate.ts'

const HELP = `Usage: npm run banners -- import FILE [--format FORMAT] [--preview]
       npm run banners -- export [FILE] [--format FORMAT] [FILTERS]
       npm run banners -- list [FILTERS]

  import      register the banners of FILE, and replace those that are registered; others stay. All of FILE or nothing
  export      write the banners to a new FILE, or to the standard output, as they are at one moment
  list        the first 1000 banners

  FILE        for import, - is the standard input
  --format    json (an array), ndjson (a line of JSON for each) or csv; left out: by the ending of FILE
  --preview   tell what an import would change, and change nothing

  FILTERS     all that are given must be true of a banner
  --q         a text that is in the name, in capitals or not
  --campaign  the campaign
  --label     one of the labels
  --active    true or false: now

Only banners go to the standard output: npm run --silent banners -- export --format csv > FILE
Running services know of a change within 2 seconds.
The database is that of the service's settings: see npm run config.
`

const LISTED = 1000
const NAME = 'clickcounter banners'
/** Whoever may use the shell may do everything. */
const MADE_BY = 'shell'

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  import: importFile,
  export: exportAll,
  list,
}

async function main([action = '', ...args]: readonly string[]): Promise<void> {
  if (!Object.hasOwn(ACTIONS, action)) throw new UsageError('say import FILE, export or list')
  await ACTIONS[action]!(args)
}

/** Works on a new database as well, but for a preview. */
async function importFile(args: readonly string[]): Promise<void> {
  const { given, texts, rest } = parseOptions(args, ['preview'], ['format'])
  const [path, ...more] = rest
  if (path === undefined || more.length > 0) throw new UsageError('name one FILE')
  const format = formatOf(path, texts.get('format'))
  const isPreview = given.has('preview')
  // Before a database is started or made for it.
  await using spool = await readFile(path, format)
  const summary = await withDatabase({ mayBeNew: !isPreview }, async ({ server }) => {
    if (!isPreview) for (const step of await migrate(server, { kind: 'up' })) tell(step)
    return await withConnection(server, NAME, SERVICE_LIMITS, client => merge(client, spool, isPreview))
  })
  if (isPreview) process.stdout.write(describeDifferences(summary.sample))
  tell(sentenceOf(summary, isPreview))
}

async function readFile(path: string, format: BannerFormat): Promise<Spool> {
  const source = path === '-' ? process.stdin : createReadStream(path)
  try {
    return await readImport(source, format, tmpdir())
  } catch (error) {
    if (error instanceof ClickCounterError) throw error
    throw new ClickCounterError('FILE_UNREADABLE', `${path} cannot be read: ${(error as Error).message}`)
  }
}

async function merge(client: pg.Client, spool: Spool, isPreview: boolean): Promise<ImportSummary> {
  const progress = showProgress()
  try {
    return await importBanners(client, spool, {
      by: MADE_BY,
      isPreview,
      onProgress: banners => progress.on('banners', banners),
    })
  } finally {
    progress.end()
  }
}

function sentenceOf({ created, changed, unchanged, sample }: ImportSummary, isPreview: boolean): string {
  const counts = `${created} new, ${changed} changed, ${unchanged} as they are already`
  if (!isPreview) return `${counted(created + changed + unchanged, 'banner')}: ${counts}.`
  const rest = created + changed - sample.length
  return `It would be ${counts}${rest > 0 ? `; ${rest} more than are shown` : ''}. Nothing was changed.`
}

async function exportAll(args: readonly string[]): Promise<void> {
  const { texts, rest } = parseOptions(args, [], ['format', ...FILTER_OPTIONS])
  const [path = null, ...more] = rest
  if (more.length > 0) throw new UsageError('name one FILE, or none')
  const format = formatOf(path, texts.get('format'))
  const filter = filterOf(texts)
  await withBanners(COPY_LIMITS, async client => {
    // One moment. The other end of a pipe may pause, so the transaction may as well.
    await beginReading(client, COPY_LIMITS)
    const pieces = exportText(
      inPages(query => listBanners(client, query), filter),
      format,
    )
    await (path === null ? printPieces(pieces) : writePieces(path, pieces))
    await commit(client)
  })
}

async function list(args: readonly string[]): Promise<void> {
  const { texts, rest } = parseOptions(args, [], FILTER_OPTIONS)
  if (rest.length > 0) throw new UsageError('list takes options alone: a text to look for follows --q')
  const filter = filterOf(texts)
  await withBanners(SERVICE_LIMITS, async client => {
    const banners = await listBanners(client, { ...filter, after: 0, limit: LISTED + 1 })
    process.stdout.write(describeBanners(banners.slice(0, LISTED), Date.now()))
    if (banners.length === 0) tell('There is no such banner.')
    if (banners.length > LISTED)
      tell(`These are the first ${LISTED}: say more about them, or export them (npm run banners -- export).`)
  })
}

async function withBanners(limits: Limits, use: (client: pg.Client) => Promise<void>): Promise<void> {
  await withDatabase({ mayBeNew: false }, ({ server }) => withConnection(server, NAME, limits, use))
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

await runCommand(HELP, main)
