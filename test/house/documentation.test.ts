import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect } from 'chai'
import { settingNames, settings, variableOf } from '../../lib/config/settings.ts'
import { openApiDocument } from '../../lib/http/api/operations/document.ts'
import { createRouteTable } from '../support/documented.ts'
import { ROOT, read, rowsOf } from './documents.ts'

const PAGES = [...markdownIn('.', false), ...markdownIn('docs', true)]
/** The bench writes the last one: a record of tables, as long as there are sections. */
const DOCUMENTS = [...PAGES, 'bench/RESULTS.md']

/** The version of the tables in 1.0.0. */
const FIRST_RELEASE_SCHEMA = 2
const FIRST_RELEASE_SETTINGS = [
  ...['SERVER_HOST', 'SERVER_PORT', 'SERVER_THREADS', 'HOT_LANE', 'DATA_DIR', 'MAX_BANNERS', 'LOGGER_LEVEL'],
  ...[
    'DATABASE_URL',
    'DATABASE_HOST',
    'DATABASE_PORT',
    'DATABASE_USER',
    'DATABASE_PASSWORD',
    'DATABASE_NAME',
  ],
  ...['DATABASE_SSLMODE', 'DATABASE_MAX_OPEN_CONNS', 'CLICK_FLUSHER_INTERVAL', 'CLICK_FLUSHER_BATCH_SIZE'],
  ...['JOURNAL_SYNC', 'JOURNAL_MAX_BYTES'],
]

const LINK = /\]\(([^()\s]+)\)/g
const COMMAND = /\bnpm run (?:--\S+ )*([\w:]+)/g
/** A file or folder of ours, as it stands between backticks. */
const PATH = /`((?:lib|workers|db|docker|bench|test|docs|\.ci|\.github)(?:\/[\w./-]*)?)`/g

/** The same in a comment of the code. */
const NAMED = /\b(?:lib|workers|db|docker|bench|test|docs)\/[\w./-]+\.(?:ts|js|md|sql|yml)\b/g

describe('The documentation', () => {
  it('is found', () => {
    expect(DOCUMENTS).to.include.members(['README.md', 'docs/architecture.md', 'docs/decisions/README.md'])
  })

  it('has pages of a length that can be read', () => {
    const lines = (document: string) => read(document).split('\n').length - 1
    const long = PAGES.filter(document => lines(document) > (document === 'README.md' ? 199 : 300))
    expect(long).to.deep.equal([])
  })

  it('has links that lead somewhere', () => {
    expect(found(LINK, (target, document) => !isThere(document, target))).to.deep.equal([])
  })

  it('names files that are there', () => {
    expect(found(PATH, path => !existsSync(join(ROOT, path)))).to.deep.equal([])
  })

  it('has no comment in the code that names a file which is not there', () => {
    const sources = ['bench', 'db', 'lib', 'test', 'workers'].flatMap(sourcesIn)
    expect(sources.length).to.be.above(300)
    const named = sources.flatMap(source =>
      Array.from(commentsOf(source).matchAll(NAMED), ([path]) => ({ source, path })),
    )
    expect(named.length).to.be.above(5)
    expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).to.deep.equal([])
  })

  it('names commands that are there', () => {
    const { scripts } = JSON.parse(read('package.json'))
    expect(found(COMMAND, name => !(name in scripts))).to.deep.equal([])
  })

  it('proves each rule by tests that are there', () => {
    const rules = rowsOf('docs/architecture.md').filter(([name]) => /^R\d+$/.test(name!))
    expect(rules.map(([name]) => name)).to.include.members(['R1', 'R12', 'R23'])
    const unproven = rules.filter(([, , proof]) => !/`test\/[\w./-]+\.test\.ts`/.test(proof ?? ''))
    expect(unproven.map(([name]) => name)).to.deep.equal([])
  })

  it('lists every decision', () => {
    const listed = Array.from(read('docs/decisions/README.md').matchAll(LINK), ([, target]) => target)
    const records = readdirSync(join(ROOT, 'docs/decisions')).filter(file => /^\d{4}-/.test(file))
    expect(listed).to.have.members(records)
  })

  it('explains each word of the glossary once', () => {
    const words = Array.from(read('docs/glossary.md').matchAll(/^\| \*\*(.+?)\*\*/gm), ([, word]) => word)
    expect(words).to.include.members(['bulk', 'batch', 'tick', 'rows'])
    expect(words.filter((word, index) => words.indexOf(word) !== index)).to.deep.equal([])
  })
})

describe('Every route', () => {
  let paths: string[]
  before(async () => {
    const server = await createRouteTable()
    paths = Object.keys(openApiDocument(server.table()).paths)
    await server.stop()
    expect(paths).to.include.members(['/counter/{id}', '/metrics'])
  })

  it('is in the table of routes', () => {
    const table = rowsOf('docs/http.md').map(([routes]) => routes!)
    expect(paths.filter(path => !table.some(routes => isNamed(path, routes)))).to.deep.equal([])
  })
})

describe('The way back to the first release', () => {
  it('has as many steps as there are migrations since', () => {
    const newest = readdirSync(join(ROOT, 'db/migrations')).filter(file => file.includes('.do.')).length
    const steps = ['docs/upgrade.md', 'CHANGELOG.md'].map(
      document => /1\.0\.0[\s\S]{0,200}?`npm run migrate -- down (\d+)`/.exec(read(document))?.[1],
    )
    expect(steps).to.deep.equal(steps.map(() => String(newest - FIRST_RELEASE_SCHEMA)))
  })

  it('names the settings that it does not know: in the file, each of them stops its start', () => {
    const step = /^3\. Take out [\s\S]*?(?=^4\. )/m.exec(read('docs/upgrade.md'))![0]
    expect(settingNames).to.include.members(FIRST_RELEASE_SETTINGS)
    for (const name of settingNames.filter(name => !FIRST_RELEASE_SETTINGS.includes(name)))
      expect(step).to.include(`\`${name}\``)
  })
})

describe('Every setting', () => {
  const defaults = new Map(
    rowsOf('docs/configuration.md').map(([name, fallback]) => [inCode(name!), inCode(fallback ?? '')]),
  )

  it('is explained with its default, and nothing else is', () => {
    expect([...defaults.keys()].filter(name => /^[A-Z]/.test(name))).to.have.members(settingNames)
    for (const name of settingNames) {
      const { fallback } = settings[name]
      // Defaults that depend on the machine are told in words.
      if (typeof fallback !== 'function') expect(defaults.get(name), name).to.equal(fallback ?? '')
    }
  })

  it('that the README names is one', () => {
    const variables = read('README.md').match(/CLICKCOUNTER_\w+/g)!
    const known = [...settingNames.map(variableOf), 'CLICKCOUNTER_CONFIG_FILE']
    expect(known).to.include.members(variables)
  })
})

/** What a pattern captures in all documents, where it is wrong, with its document. */
function found(pattern: RegExp, isWrong: (text: string, document: string) => boolean): string[] {
  return DOCUMENTS.flatMap(document =>
    Array.from(read(document).matchAll(pattern), ([, text]) => text!)
      .filter(text => isWrong(text, document))
      .map(text => `${document}: ${text}`),
  )
}

function markdownIn(directory: string, recursive: boolean): string[] {
  return readdirSync(join(ROOT, directory), { recursive, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
}

function sourcesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(?:[jt]s|sql)$/.test(entry.name))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(file => !file.includes('node_modules'))
}

function commentsOf(source: string): string {
  return (read(source).match(/^\s*(?:\/?\*|\/\/|--).*$/gm) ?? []).join('\n')
}

function isThere(document: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true
  const [path, anchor] = target.split('#') as [string, string?]
  const file = path === '' ? document : join(dirname(document), path)
  if (!existsSync(join(ROOT, file))) return false
  return anchor === undefined || anchorsOf(file).includes(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  const text = read(file).replace(/^```.*?^```/gms, '')
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** `GET /path` or `/path`, between backticks. */
function isNamed(path: string, cell: string): boolean {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, text]) => text!.split(' ').at(-1)).includes(path)
}

function inCode(cell: string): string {
  return cell.replaceAll('`', '')
}
