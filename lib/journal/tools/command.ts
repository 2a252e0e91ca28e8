import { statSync } from 'node:fs'
import { join } from 'node:path'
import { counted } from '../../base/counted.ts'
import { outliveLostOutput } from '../../base/lost-output.ts'
import { loadConfig } from '../../config/load.ts'
import { quote } from '../../config/wording.ts'
import { CLASSES, type ClickClass, VALID } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import { asideBulksDirectory, asideDirectory, damagedDirectory, storedDirectory } from '../files/names.ts'
import { Marks } from '../keep/marks.ts'
import { adopt } from './adopt.ts'
import { clickFileAt, clickPaths, type FileReading, journalIn, readPath } from './files.ts'

const HELP = `Usage: npm run journal -- list | verify [FILE…] | dump FILE | adopt [WRITER…] | store DIR

  list             what waits in the journal, what is kept of stored clicks, what was put aside, and for which
                   database each writer's clicks are
  verify           reads the files, all that wait, are kept or were put aside, unless some are named; exits 1 when
                   one is damaged, or was written by a newer version
  dump FILE        prints a file's clicks, a line each: minute, banner, clicks, their class unless they are valid, and
                   key=… with those of a bulk that has a key
  adopt [WRITER…]  gives clicks that wait for a decision to the database that the service meets next: those for another
                   database, those older than 90 days whose writer the database does not know any more, and those that
                   were put aside. Only these writers', or all that wait. The service must not run.
  store DIR        stores what another instance has left, in the database of the settings here: DIR is its data directory,
                   or the folder journal in it, on this machine. No service may run there. Each click counts once, however
                   often and from however many copies of DIR this is done. Exits 0 when nothing is left that waits, 1 when
                   it could not be done to its end (run it again), 2 when what is left needs a decision, which it tells.

Whether these clicks are in that database already, adopt cannot tell. Decide for yourself, from a backup or from numbers:
- The database was made anew, or replaced by one that has no copy of the old one's ledger: what waits is in neither.
- The service was started with the wrong database: start it with the right one instead, and nothing has to be adopted.
- The data directory is a copy of an old one, and the other one was started meanwhile: they have been stored; delete them.
- Two clones of a running machine have written under one name: what was put aside is not in the database, except for
  clicks of before the cloning.

All but adopt and store only read, and can be used while the service runs.
`

/** Entry of `npm run journal`. Resolves with the exit code. */
async function main([command, ...operands]: readonly string[]): Promise<number> {
  if (command === '--help' || command === '-h') return print(HELP)
  if (command === 'list' && operands.length === 0) return list(journalIn(dataDir()))
  if (command === 'verify') return verify(operands.length > 0 ? operands : everyFile(journalIn(dataDir())))
  if (command === 'dump' && operands.length === 1) return dump(operands[0]!)
  if (command === 'adopt') return giveToNext(operands)
  if (command === 'store' && operands.length === 1) return await store(operands[0]!)
  process.stderr.write(`journal: ${mistakeIn(command)}\n\n${HELP}`)
  return 1
}

function mistakeIn(command: string | undefined): string {
  if (command === undefined) return 'name a command'
  if (command === 'dump') return 'name one FILE to dump'
  if (command === 'store') return 'name the one DIR whose clicks are to be stored'
  return command === 'list' ? 'list takes nothing else' : `${quote(command)} is not a command`
}

function list(journal: string): number {
  listFiles(journal, '')
  listFiles(join(journal, storedDirectory), ', stored and kept for a while')
  listFiles(join(journal, asideDirectory), ', put aside')
  listFiles(join(journal, asideBulksDirectory), ', put aside')
  listFiles(join(journal, damagedDirectory), '')
  for (const { writer, database, isAdopted } of new Marks(journal).list())
    print(
      `writer ${writer}: ${isAdopted ? 'for the next database' : database === null ? 'for the first database that it meets' : `for database ${database}`}\n`,
    )
  return 0
}

function listFiles(directory: string, state: string): void {
  for (const path of clickPaths(directory)) {
    const reading = readPath(path)
    const bytes = `${statSync(path).size} bytes`
    print(
      reading.newer === null
        ? `${path}: ${ownersOf(path)}, ${bytes}, ${clicksText(reading)}${state}${reading.isDamaged ? ', damaged' : ''}\n`
        : `${path}: ${bytes}, ${newerText(reading)}\n`,
    )
  }
}

function clicksText({ clicks, keyedBulks }: FileReading): string {
  const ofKeyed = keyedBulks === 0 ? '' : ` (with ${counted(keyedBulks, 'keyed bulk')})`
  return `${counted(clicks, 'click')}${ofKeyed}`
}

function ownersOf(path: string): string {
  const { writer, firstGeneration, lastGeneration } = clickFileAt(path).key
  const generations =
    firstGeneration === lastGeneration ? lastGeneration : `${firstGeneration}-${lastGeneration}`
  return `writer ${writer}, generation ${generations}`
}

function newerText({ newer }: FileReading): string {
  return `left to the newer version of this program that wrote it (it has ${newer})`
}

function giveToNext(writers: readonly string[]): number {
  const adopted = adopt(dataDir(), writers)
  for (const { writer, files, wasAside } of adopted)
    print(`writer ${writer}: ${counted(files, 'file')}${wasAside ? ', put aside until now' : ''}\n`)
  return print(
    adopted.length === 0 ? 'nothing waits\n' : 'The database that the service meets next gets them.\n',
  )
}

/** The service's modules are loaded for this alone: the others need no database. */
async function store(directory: string): Promise<number> {
  const { storeStranded } = await import('../../stranded/command.ts')
  return await storeStranded(directory)
}

function verify(paths: readonly string[]): number {
  const readings = paths.map(path => ({ path, ...readPath(path) }))
  for (const reading of readings) print(`${reading.path}: ${verdictOn(reading)}\n`)
  const damaged = readings.filter(({ isDamaged }) => isDamaged).length
  const newer = readings.filter(({ newer }) => newer !== null).length
  print(
    `${counted(paths.length, 'file')}, ${damaged} damaged${newer > 0 ? `, ${newer} of a newer version` : ''}\n`,
  )
  return damaged + newer > 0 ? 1 : 0
}

function verdictOn(reading: FileReading): string {
  const { newer, isDamaged, records } = reading
  if (newer !== null) return newerText(reading)
  return `${isDamaged ? 'DAMAGED, readable are' : 'good,'} ${counted(records, 'record')}, ${clicksText(reading)}`
}

function dump(path: string): number {
  const { isDamaged, newer } = readPath(
    path,
    (...clicks) => print(`${lineOf(...clicks)}\n`),
    bulk => dumpKeyed(bulk),
  )
  if (isDamaged) process.stderr.write(`${path} is damaged: this is what could be read\n`)
  if (newer !== null)
    process.stderr.write(
      `${path} has ${newer}: a newer version of this program wrote it, and can read all of it\n`,
    )
  return isDamaged || newer !== null ? 1 : 0
}

function dumpKeyed({ key, minute, parts }: KeyedBulk): void {
  for (const { clickClass, pairs } of parts)
    for (let pair = 0; pair < pairs.length; pair += 2)
      print(`${lineOf(minute, pairs[pair]!, clickClass, pairs[pair + 1]!)} key=${key}\n`)
}

function lineOf(minute: number, bannerId: number, clickClass: ClickClass, clicks: number): string {
  const time = new Date(minute * 60_000).toISOString().replace('.000Z', 'Z')
  return `${time} ${bannerId} ${clicks}${clickClass === VALID ? '' : ` ${CLASSES[clickClass]}`}`
}

/** Those that wait, are kept, or were put aside. */
function everyFile(journal: string): string[] {
  return [
    journal,
    ...[storedDirectory, asideDirectory, asideBulksDirectory].map(name => join(journal, name)),
  ].flatMap(clickPaths)
}

function dataDir(): string {
  return loadConfig().config.dataDir
}

function print(text: string): 0 {
  process.stdout.write(text)
  return 0
}

outliveLostOutput()
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { message } = error as Error
  process.stderr.write(`journal: ${message}\n`)
  process.exitCode = 1
}
