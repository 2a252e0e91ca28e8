import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { ClickCounterError } from '../errors.ts'
import { isOfClicks, readEntries } from './entries.ts'
import { readRecords } from './format.ts'
import { type ClickFile, damagedDirectory, parseName } from './names.ts'

const HELP = `Usage: npm run journal -- list | verify [FILE…] | dump FILE

  list           what waits in the journal, and what was put aside as damaged
  verify         reads the files, all of them unless some are named; exits 1 when one is damaged
  dump FILE      prints a file's clicks: minute, banner, clicks, a line each

It only reads, and can be used while the service runs.
`

/** Entry of `npm run journal`. Returns the exit code. */
function main([command, ...files]: readonly string[]): number {
  if (command === '--help' || command === '-h') return print(HELP)
  if (command === 'list' && files.length === 0) return list(journalPath())
  if (command === 'verify') return verify(files.length > 0 ? files : allFiles(journalPath()))
  if (command === 'dump' && files.length === 1) return dump(files[0]!)
  process.stderr.write(HELP)
  return 1
}

function list(directory: string): number {
  for (const path of [...allFiles(directory), ...allFiles(join(directory, damagedDirectory))]) {
    const { key } = clickFile(path)
    const generations =
      key.firstGeneration === key.lastGeneration
        ? key.lastGeneration
        : `${key.firstGeneration}-${key.lastGeneration}`
    const { clicks, isDamaged } = read(path)
    print(
      `${path}: writer ${key.writer}, generation ${generations}, ${statSync(path).size} bytes, ${clicks} clicks${isDamaged ? ', damaged' : ''}\n`,
    )
  }
  return 0
}

function verify(paths: readonly string[]): number {
  let damagedFiles = 0
  for (const path of paths) {
    const { records, clicks, isDamaged } = read(path)
    if (isDamaged) damagedFiles++
    print(`${path}: ${isDamaged ? 'DAMAGED, readable are' : 'good,'} ${records} records, ${clicks} clicks\n`)
  }
  print(`${paths.length} files, ${damagedFiles} damaged\n`)
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
  const reading = readRecords(readFileSync(path), clickFile(path).key, (minute, bannerId, clicks) => {
    sum += clicks
    visit(minute, bannerId, clicks)
  })
  return { ...reading, clicks: sum }
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

function journalPath(): string {
  return join(loadConfig().config.dataDir, 'journal')
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
