import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Joi from '@hapi/joi'
import { expect } from 'chai'
import { createRouteTable } from '../support/documented.ts'
import { ROOT, read, rowsOf } from './documents.ts'

/** `test/…`: “title”, of one test or more: each names a part of a title in that file. */
const PROOF = /`(test\/[\w./-]+\.test\.ts)`((?:,? “[^”]+”)*)/g
const REVIEW = 'docs/security.md'
/** What opens a connection, or looks up a name. */
const OUTWARDS =
  /\b(?:fetch\(|https?\.(?:get|request)\(|net\.(?:connect|createConnection)\(|tls\.connect\(|dns\.|node:dns|undici|WebSocket)/

describe('Who may do what', () => {
  /** By "METHOD /path": what a route says of itself. */
  function accessByRoute(isHealthPublic: boolean): ReadonlyMap<string, string> {
    const operations = createRouteTable({ isHealthPublic })
      .table()
      .flatMap(({ method, path, settings }) => {
        const operation = settings.plugins?.operation
        return operation ? [[`${method.toUpperCase()} ${path}`, operation.access] as const] : []
      })
    return new Map(operations)
  }

  /** In the words of the table. */
  function inWords(access: string): string {
    return access === 'public' ? 'everybody' : `\`${access}\``
  }

  it('is told of each route as the route itself says it, and of no other', () => {
    const [open, shielded] = [accessByRoute(true), accessByRoute(false)]
    const actual = [...open].map(([route, access]) => {
      const words = [access, shielded.get(route)!].map(inWords)
      return [route, [...new Set(words)].join(' or ')]
    })
    expect(Object.fromEntries(actual)).to.include({ 'POST /counter': '`count`', 'GET /': 'everybody' })
    const told = rowsOf('SECURITY.md').flatMap(([routes, who]) =>
      Array.from(routes!.matchAll(/`([A-Z]+ \/[^`]*)`/g), ([, route]) => [route!, who!]),
    )
    expect(told.map(([route]) => route)).to.have.lengthOf(actual.length)
    expect(Object.fromEntries(told)).to.deep.equal(Object.fromEntries(actual))
  })
})

describe('What not everybody may read', () => {
  it('is kept by no cache, so the document says', () => {
    const routes = createRouteTable({ isHealthPublic: false }).table()
    const told = routes.flatMap(({ method, path, settings }) => {
      const operation = settings.plugins?.operation
      const isForSome = operation && (operation.access !== 'public' || path === '/session')
      if (!isForSome || method === 'options') return []
      return Object.entries(operation.responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([, { headers }]) => ({ path, allowed: allowedIn(headers?.['Cache-Control']?.schema) }))
    })
    expect(told.map(({ path }) => path)).to.include.members([
      '/stats/{id}',
      '/health',
      '/metrics',
      '/session',
    ])
    for (const { path, allowed } of told) expect(allowed, path).to.deep.equal(['no-store'])
  })
})

describe('The review of security', () => {
  const points = rowsOf(REVIEW).filter(([point]) => /^API\d+/.test(point!))
  const proofs = Array.from(read(REVIEW).matchAll(PROOF), ([, file, titles]) => ({
    file: file!,
    titles: Array.from(titles!.matchAll(/“([^”]+)”/g), ([, title]) => title!),
  }))

  it('has all ten points, each with a test', () => {
    expect(points.map(([point]) => /^API(\d+)/.exec(point!)![1])).to.deep.equal(
      Array.from({ length: 10 }, (_, point) => String(point + 1)),
    )
    expect(points.filter(row => !/`test\/[\w./-]+\.test\.ts`/.test(row.at(-1)!))).to.deep.equal([])
  })

  it('names tests that are there, each by words of its title', () => {
    expect(proofs.length).to.be.above(20)
    expect(proofs.filter(({ file }) => !existsSync(join(ROOT, file)))).to.deep.equal([])
    expect(proofs.filter(({ titles }) => titles.length === 0)).to.deep.equal([])
    const missing = proofs.flatMap(({ file, titles }) =>
      titles
        .filter(title => !titlesOf(file).some(text => text.includes(title)))
        .map(title => `${file}: ${title}`),
    )
    expect(missing).to.deep.equal([])
  })
})

describe('What answers requests', () => {
  it('opens no connection of its own, whatever a request names', () => {
    const files = ['lib/http', 'lib/access', 'lib/request-thread', 'lib/ingest', 'lib/questions'].flatMap(
      room =>
        readdirSync(join(ROOT, room), { recursive: true })
          .map(file => `${room}/${file}`)
          .filter(file => file.endsWith('.ts')),
    )
    expect(files.length).to.be.above(50)
    expect(files.filter(file => OUTWARDS.test(read(file)))).to.deep.equal([])
  })
})

/** The values that a schema of Joi allows. */
function allowedIn(schema: unknown): unknown {
  return Joi.isSchema(schema) ? schema.describe().allow : undefined
}

/** What stands behind `describe(` and `it(` in a file. */
function titlesOf(file: string): string[] {
  return Array.from(
    read(file).matchAll(/\b(?:describe|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g),
    match => String(match[1] ?? match[2] ?? match[3]),
  )
}
