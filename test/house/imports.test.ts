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
  'bench',
  'workers',
  'lib/main.ts',
  'lib/service',
  'lib/request-thread',
  'lib/http',
  'lib/dashboard',
  'lib/health',
  'lib/ingest',
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
  'lib/memory',
  'lib/rows',
  'db/backup-command.ts',
  'db/migrate-command.ts',
  'db/restore-command.ts',
  'db/commands',
  'lib/exclusive',
  'lib/config/print.ts',
  'lib/config/load.ts',
  'db/backup',
  'db/embedded',
  'db/stats',
  'db/schema',
  'db/connection',
  'db/statements.ts',
  'lib/questions',
  'lib/config',
  'lib/base',
]

/** What runs in a thread, by its entry: rooms that its imports never lead to, types apart. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  'lib/main.ts': ['lib/request-thread', 'lib/http', 'lib/ingest', 'lib/flush-worker', 'lib/journal/append'],
  'workers/request.ts': ['lib/service', 'lib/flush', 'lib/flush-worker', 'lib/log', 'lib/journal/keep'],
  'workers/flush.ts': [
    ...['lib/service', 'lib/request-thread', 'lib/http', 'lib/ingest', 'lib/flush', 'lib/log'],
    ...['lib/journal/keep', 'lib/journal/append'],
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

  it('hold no circle of files, types included', () => {
    expect(circles(imports)).to.deep.equal([])
  })

  for (const [entry, rooms] of Object.entries(FORBIDDEN))
    it(`keep ${entry}'s thread out of ${rooms.join(', ')}`, () => {
      const reached = reachedFrom(entry, imports)
      expect(reached.size).to.be.above(10)
      expect([...reached].filter(file => rooms.includes(roomOf(file)!))).to.deep.equal([])
    })
})

function filesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(file => !file.includes('node_modules'))
}

function roomOf(file: string): string | undefined {
  const rooms = ROOMS.filter(room => file === room || file.startsWith(`${room}/`))
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

/** The files that a thread runs. */
function reachedFrom(entry: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const reached = new Set([entry])
  for (const file of reached)
    for (const { to, isOfTypes } of imports.get(file) ?? []) if (!isOfTypes) reached.add(to)
  return reached
}
