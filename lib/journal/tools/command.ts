import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { counted } from '../../base/counted.ts'
import { ClickCounterError } from '../../base/errors.ts'
import { loadConfig } from '../../config/load.ts'
import { quote } from '../../config/wording.ts'
import { isOfClicks, readEntries } from '../files/entries.ts'
import { readRecords } from '../files/format.ts'
import {
  asideDirectory,
  type ClickFile,
  damagedDirectory,
  journalPath,
  parseName,
  storedDirectory,
} from '../files/names.ts'
import { Marks } from '../keep/marks.ts'
import { adopt } from './adopt.ts'

const HELP = `Usage: npm run journal -- list | verify [FILE…] | dump FILE | adopt [WRITER…]

  list             what waits in the journal, what is kept of stored clicks, what was put aside, and for which
                   database each writer's clicks are
  verify           reads the files, all that wait, are kept or were put aside, unless some are named; exits 1 when
                   one is damaged
  dump FILE        prints a file's clicks: minute, banner, clicks, a line each
  adopt [WRITER…]  gives clicks that wait for a decision to the database that the service meets next: those for another
                   database, those older than 90 days whose writer the database does not know any more, and those that
                   were put aside. Only these writers', or all that wait. The service must not run.

Whether these clicks are in that database already, adopt cannot tell. Decide for yourself, from a backup or from numbers:
- The database was made anew, or replaced by one that has no copy of the old one's ledger: what waits is in neither.
- The service was started with the wrong database: start it with the right one instead, and nothing has to be adopted.
- The data directory is a copy of an old one, and the other one was started meanwhile: they have been stored; delete them.
- Two clones of a running machine have written under one name: what was put aside is not in the database, except for
  clicks of before the cloning.

All but adopt only read, and can be used while the service runs.
`

/** Entry of `npm run journal`. Returns the exit code. */
function main([command, ...operands]: readonly string[]): number {
  if (command === '--help' || command === '-h') return print(HELP)
  const journal = journalPath(dataDir())
  if (command === 'list' && operands.length === 0) return list(journal)
  if (command === 'verify') return verify(operands.length > 0 ? operands : everyFile(journal))
  if (command === 'dump' && operands.length === 1) return dump(operands[0]!)
  if (command === 'adopt') return giveToNext(operands)
  process.stderr.write(`journal: ${mistakeIn(command)}\n\n${HELP}`)
  return 1
}

function mistakeIn(command: string | undefined): string {
  if (command === undefined) return 'name a command'
  if (command === 'dump') return 'name one FILE to dump'
  return command === 'list' ? 'list takes nothing else' : `${quote(command)} is not a command`
}

function list(journal: string): number {
  listFiles(journal, '')
  listFiles(join(journal, storedDirectory), ', stored and kept for a while')
  listFiles(join(journal, asideDirectory), ', put aside')
  listFiles(join(journal, damagedDirectory), '')
  for (const { writer, database, isAdopted } of new Marks(journal).list())
    print(
      `writer ${writer}: ${isAdopted ? 'for the next database' : database === null ? 'for the first database that it meets' : `for database ${database}`}\n`,
    )
  return 0
}

function listFiles(directory: string, state: string): void {
  if (!existsSync(directory)) return
  for (const path of allFiles(directory)) {
    const { key } = clickFile(path)
    const generations =
      key.firstGeneration === key.lastGeneration
        ? key.lastGeneration
        : `${key.firstGeneration}-${key.lastGeneration}`
    const { clicks, isDamaged } = read(path)
    print(
      `${path}: writer ${key.writer}, generation ${generations}, ${statSync(path).size} bytes, ${counted(clicks, 'click')}${state}${isDamaged ? ', damaged' : ''}\n`,
    )
  }
}

function giveToNext(writers: readonly string[]): number {
  const adopted = adopt(dataDir(), writers)
  for (const { writer, files, wasAside } of adopted)
    print(`writer ${writer}: ${counted(files, 'file')}${wasAside ? ', put aside until now' : ''}\n`)
  return print(
    adopted.length === 0 ? 'nothing waits\n' : 'The database that the service meets next gets them.\n',
  )
}

function verify(paths: readonly string[]): number {
  let damagedFiles = 0
  for (const path of paths) {
    const { records, clicks, isDamaged } = read(path)
    if (isDamaged) damagedFiles++
    print(
      `${path}: ${isDamaged ? 'DAMAGED, readable are' : 'good,'} ${counted(records, 'record')}, ${counted(clicks, 'click')}\n`,
    )
  }
  print(`${counted(paths.length, 'file')}, ${damagedFiles} damaged\n`)
  return damagedFiles > 0 ? 1 : 0
}

function dump(path: string): number {
  const { isDamaged } = read(path, (minute, bannerId, clicks) =>
    print(`${new Date(minute * 60_000).toISOString().replace('.000Z', 'Z')} ${bannerId} ${clicks}\n`),
  )
  if (isDamaged) process.stderr.write(`${path} is damaged: this is what could be read\n`)
  return isDamaged ? 1 : 0
}

function read(path: string, visit: (minute: number, bannerId: number, clicks: number) => void = () => {}) {
  let sum = 0
  const reading = readRecords(contentOf(path), clickFile(path).key, (minute, bannerId, clicks) => {
    sum += clicks
    visit(minute, bannerId, clicks)
  })
  return { ...reading, clicks: sum }
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ClickCounterError('JOURNAL_FILE_UNREADABLE', `${path} cannot be read (${code})`, {
      cause: error,
    })
  }
}

/** Those that wait, are kept, or were put aside. */
function everyFile(journal: string): string[] {
  return [journal, join(journal, storedDirectory), join(journal, asideDirectory)]
    .filter(directory => existsSync(directory))
    .flatMap(allFiles)
}

function clickFile(path: string): ClickFile {
  const file = parseName(basename(path))
  if (file === null || file.kind === 'writer')
    throw new ClickCounterError(
      'NOT_A_JOURNAL_FILE',
      `${path} is not named like a file of clicks (….ticks or ….batch)`,
    )
  return file
}

function allFiles(directory: string): string[] {
  return readEntries(directory)
    .entries.filter(isOfClicks)
    .map(({ file }) => join(directory, file.name))
    .sort()
}

function dataDir(): string {
  return loadConfig().config.dataDir
}

function print(text: string): 0 {
  process.stdout.write(text)
  return 0
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  const { message } = error as Error
  process.stderr.write(`journal: ${message}\n`)
  process.exitCode = 1
}
