import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { parseBannerId } from '../../../lib/banners/banner-id.ts'
import { openApiDocument } from '../../../lib/http/api/operations/document.ts'
import { parseTime } from '../../../lib/questions/time.ts'
import { createRouteTable, type Document } from '../../support/documented.ts'

const ids = ['1', '7', '2147483647', '2147483648', '0', '-1', '1.5', '9999999999']
const times = [
  '2024-12-12',
  '2024-12-12T10:00',
  '2024-12-12T10:00:00',
  '2024-12-12T10:00:00Z',
  '2024-12-12T10:00:00.123456789+02:00',
  '2024-12-12T10:00:00+0200',
  '2024-12-12 10:00',
  '20241212t100000,5z',
  '20241212T10:00:00Z',
  '2024-13-01',
  '0000-00-00',
  '0000-01-01',
  '0001-01-01',
  '1000-01-01',
  '12.12.2024',
  'now',
  '',
]

describe('the OpenAPI document', () => {
  let document: Document
  let routes: string[]
  before(async () => {
    const server = createRouteTable()
    routes = server
      .table()
      .filter(({ settings }) => settings.plugins?.operation !== null)
      .map(({ method, path }) => `${method} ${path}`)
    document = openApiDocument(server.table())
    await server.stop()
  })

  it('has every route of the server, and none besides', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method} ${path}`),
    )
    expect(documented.sort()).to.deep.equal(routes.sort())
  })

  it('passes the linter, with the strictest of its recommended rules', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] })
    const source = JSON.stringify(document)
    const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config })
    const texts = problems.map(
      ({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`,
    )
    // It leads on, or fails.
    expect(texts).to.deep.equal([
      'operation-2xx-response: Operation must have at least one `2XX` response. #/paths/~1click~1{id}/get/responses',
    ])
  })

  it('has one name for a banner, wherever it stands', () => {
    const references = JSON.stringify(document.paths).match(/#\/components\/schemas\/\w*Banner\w*/g)!
    const counts = Object.groupBy(references, reference => reference.split('/').at(-1)!)
    // Of one answer each but for the list, and of the fields that an import and the log tell.
    expect(
      Object.fromEntries(Object.entries(counts).map(([name, found]) => [name, found!.length])),
    ).to.deep.equal({
      Banner: 5,
      ImportedBanner: 1,
      BannerFields: 4,
      BannerContent: 1,
      BannerChange: 1,
    })
  })

  it('takes the banner ids and times for right that the service takes', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema(document, 'document')
    const isId = ajv.compile({
      $ref: 'document#/paths/~1counter~1%7Bid%7D/get/parameters/0/schema',
    })
    for (const id of ids) expect(isId(Number(id)), id).to.equal(parseBannerId(id) !== null)
    const isTime = ajv.compile({ $ref: 'document#/components/schemas/StatsQuestion/properties/from' })
    for (const time of times) expect(isTime(time), time).to.equal(parseTime(time) !== null)
  })

  it('takes empty headers for right, and any id for a preflight, as the service does', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema(document, 'document')
    const takes = (pointer: string, value: unknown) =>
      ajv.validate({ $ref: `document#/paths/~1counter~1%7Bid%7D/${pointer}/schema` }, value)
    for (const method of ['get', 'post'])
      for (const nth of [1, 2, 3, 4]) expect(takes(`${method}/parameters/${nth}`, '')).to.equal(true)
    expect(takes('options/parameters/0', '2147483648')).to.equal(true)
    expect(takes('get/parameters/0', 2147483648)).to.equal(false)
  })
})
