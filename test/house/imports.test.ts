import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The rooms of the house: who is higher up imports from who is further down, never the other way. A file is in the
 * room with the longest name that it begins with.
 */
const ROOMS = [
  'lib/required-node.js',
  'bench/main.ts',
  'bench/sections',
  'bench/peers',
  'bench/measuring',
  'bench/load',
  'bench/report',
  'bench/machine',
  'workers',
  'lib/main.ts',
  'lib/journal/tools/command.ts',
  'lib/stranded',
  'lib/service',
  'lib/request-thread',
  'lib/http',
  'lib/http/pages',
  'lib/http/api',
  'lib/http/access',
  'lib/http/lane',
  'lib/http/entrance',
  'lib/http/listener',
  'lib/dashboard',
  'lib/script',
  'lib/health',
  'lib/ingest',
  'lib/access-watch',
  'lib/banner-watch',
  'lib/fleet',
  'lib/watch',
  'lib/rollups',
  'lib/flush',
  'lib/flush-worker',
  'lib/messages.ts',
  'lib/log',
  'lib/journal/tools',
  'lib/journal/keep',
  'lib/journal/append',
  'lib/journal/files',
  'lib/ring',
  'lib/books',
  'lib/clients',
  'lib/memory',
  'db/backup-command.ts',
  'db/banners-command.ts',
  'db/fleet-command.ts',
  'db/import-command.ts',
  'db/keys-command.ts',
  'db/migrate-command.ts',
  'db/restore-command.ts',
  'db/rollups-command.ts',
  'db/citus-command.ts',
  'db/commands',
  'lib/exclusive',
  'lib/config/print.ts',
  'lib/config/load.ts',
  'db/backup',
  'db/embedded',
  'db/stats',
  'db/fleet',
  'db/access',
  'db/banners',
  'db/bulk-keys',
  'db/history/import',
  'db/text-files',
  'db/citus',
  'db/schema',
  'db/history',
  'db/connection',
  'db/statements.ts',
  'lib/rows',
  'lib/access',
  'lib/bots',
  'lib/config',
  'lib/banners',
  'lib/questions',
  'lib/base',
]

/** What one thread alone runs, by its entry: rooms, and files of rooms that threads share. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  'lib/main.ts': [
    ...[
      'lib/main.ts',
      'lib/service',
      'lib/access-watch',
      'lib/banner-watch',
      'lib/fleet',
      'lib/watch',
      'lib/rollups',
      'lib/flush',
      'lib/journal/keep',
      'lib/books/service-books.ts',
    ],
    ...['lib/bots/read-bot-lists.ts', 'lib/bots/list-file.ts'],
    ...['lib/log', 'lib/exclusive', 'lib/config/load.ts', 'db/embedded', 'db/schema/migrate.ts'],
    ...['db/banners/read-banners.ts', 'db/history/roll-up.ts', 'db/history/retention.ts'],
    ...['db/fleet/write-instance.ts'],
  ],
  'workers/request.ts': [
    ...['workers/request.ts', 'lib/request-thread', 'lib/http', 'lib/dashboard', 'lib/ingest'],
    ...['lib/health/metrics.ts', 'lib/health/schema.ts', 'lib/health/history-text.ts'],
    ...[
      'lib/journal/append',
      'lib/bots/bot-rules.ts',
      'lib/clients/click-limits.ts',
      'lib/books/thread-books.ts',
      'lib/questions',
      'db/stats',
      'db/bulk-keys',
      'db/banners/banner-store.ts',
      'db/fleet/fleet-store.ts',
      'db/text-files',
    ],
  ],
  'workers/flush.ts': [
    'workers/flush.ts',
    'lib/flush-worker',
    'db/history/add-clicks.ts',
    'db/schema/durability.ts',
  ],
}

interface Import {
  readonly to: string
  readonly isOfTypes: boolean
}

describe('The rooms of the house', () => {
  const files = ['bench', 'db', 'lib', 'workers'].flatMap(filesIn)
  const imports = new Map(files.map(file => [file, importsOf(file)]))

  it('have a place for every file', () => {
    expect(files.length).to.be.above(200)
    expect(files.filter(file => roomOf(file) === undefined)).to.deep.equal([])
  })

  it('are all there', () => {
    const rooms = new Set(files.map(roomOf))
    expect(ROOMS.filter(room => !rooms.has(room))).to.deep.equal([])
  })

  it('import one way: each from itself and from those further down', () => {
    const level = (file: string) => ROOMS.indexOf(roomOf(file)!)
    const wrong = files.flatMap(from =>
      imports
        .get(from)!
        .filter(({ to }) => roomOf(to) === undefined || level(to) < level(from))
        .map(({ to }) => `${from} imports ${to}`),
    )
    expect(wrong).to.deep.equal([])
  })

  it('keep bench and tests apart: but for its own tests, neither imports from the other', () => {
    const fromTests = filesIn('test').flatMap(from => importsOf(from).map(({ to }) => ({ from, to })))
    expect(fromTests.length).to.be.above(1000)
    const fromBench = [...imports].flatMap(([from, all]) => all.map(({ to }) => ({ from, to })))
    const wrong = [
      ...fromBench.filter(({ to }) => to.startsWith('test/')),
      ...fromTests.filter(({ from, to }) => to.startsWith('bench/') && !from.startsWith('test/bench/')),
    ]
    expect(wrong).to.deep.equal([])
  })

  it('hold no circle of files, types included', () => {
    expect(circles(imports)).to.deep.equal([])
  })

  const threads = Object.keys(OWN)
  const reached = new Map(threads.map(entry => [entry, reachedFrom(entry, imports)]))
  for (const entry of threads)
    it(`keep the thread of ${entry} out of what another one runs`, () => {
      const others = threads.filter(other => other !== entry).flatMap(other => OWN[other]!)
      expect([...reached.get(entry)!].filter(file => isIn(file, others))).to.deep.equal([])
    })

  it('run in the threads that are said to run them', () => {
    const wrong = threads.flatMap(entry =>
      OWN[entry]!.filter(room => ![...reached.get(entry)!].some(file => isIn(file, [room]))),
    )
    expect(wrong).to.deep.equal([])
  })

  it('are shared by threads, or said to be of one', () => {
    const shared = ROOMS.filter(room => !isIn(room, Object.values(OWN).flat()))
    const ofOneThread = shared.filter(
      room =>
        threads.filter(entry => [...reached.get(entry)!].some(file => roomOf(file) === room)).length === 1,
    )
    expect(shared.length).to.be.above(10)
    expect(ofOneThread).to.deep.equal([])
  })
})

function filesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(file => !file.includes('node_modules'))
}

function isIn(file: string, rooms: readonly string[]): boolean {
  return rooms.some(room => file === room || file.startsWith(`${room}/`))
}

function roomOf(file: string): string | undefined {
  const rooms = ROOMS.filter(room => isIn(file, [room]))
  return rooms.sort((a, b) => b.length - a.length)[0]
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)( type)?\b[^'"(]*?(?:from )?'(\.[^']+)'/gm)
  return [...statements].map(([, type, path]) => ({
    to: relative(ROOT, resolve(ROOT, dirname(file), path!)),
    isOfTypes: type !== undefined,
  }))
}

/** A path from each file on a circle back to itself. */
function circles(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const { to } of imports.get(file) ?? []) visit(to, [...path, file])
      done.add(file)
    }
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}

/** The files that a thread runs: imports of types alone lead nowhere. */
function reachedFrom(entry: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const reached = new Set([entry])
  for (const file of reached)
    for (const { to, isOfTypes } of imports.get(file) ?? []) if (!isOfTypes) reached.add(to)
  return reached
}
