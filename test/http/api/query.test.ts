import type { Request } from '@hapi/hapi'
import { expect } from 'chai'
import { cutPage, readPage } from '../../../lib/http/api/page-query.ts'
import { readQuery } from '../../../lib/http/api/query.ts'

const query = (fields: Record<string, unknown>) =>
  ({ query: Object.assign(Object.create(null), fields) }) as Pick<Request, 'query'>

describe('the parameters of a query', () => {
  it('are those that are known, as they are written', () => {
    expect(readQuery(query({ limit: '7', q: '' }), ['limit', 'after', 'q'])).to.deep.equal({
      limit: '7',
      q: '',
    })
    expect(readQuery(query({}), [])).to.deep.equal({})
  })

  it('are refused with the nearest name, or with all names', () => {
    const names = ['limit', 'after', 'campaign']
    const read = (fields: object) => () => readQuery(query({ ...fields }), names)
    expect(read({ lmit: '1' })).to.throw(
      /no parameter "lmit" \(did you mean limit\?\): there are limit, after/,
    )
    expect(read({ Limit: '1' })).to.throw(/did you mean limit/)
    expect(read({ colour: '1' })).to.throw(
      /^there is no parameter "colour": there are limit, after and campaign$/,
    )
    expect(() => readQuery(query({ colour: '1' }), ['preview'])).to.throw(/: there is preview$/)
    expect(() => readQuery(query({ force: 'true' }), [])).to.throw(/there is none here/)
  })

  it('are refused by the names of prototypes, and by long ones, of which little is repeated', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      const fields = Object.create(null)
      Object.defineProperty(fields, name, { value: '1', enumerable: true })
      expect(() => readQuery({ query: fields } as Pick<Request, 'query'>, ['limit']), name).to.throw(
        /no parameter/,
      )
    }
    expect(() => readQuery(query({ ['x'.repeat(9999)]: '1' }), [])).to.throw(/^.{1,100}$/)
  })

  it('stand there once', () => {
    expect(() => readQuery(query({ limit: ['1', '2'] }), ['limit'])).to.throw(/limit stands there twice/)
  })
})

describe('a page', () => {
  const entries = (from: number, count: number) => Array.from({ length: count }, (_, nth) => from + nth)
  const page = (fields: { limit?: string; after?: string }) => readPage(fields)

  it('has 100 entries, or as many as are asked for up to 1000', () => {
    expect(page({})).to.deep.equal({ limit: 100, after: null })
    expect(page({ limit: '1' }).limit).to.equal(1)
    expect(page({ limit: '1000' }).limit).to.equal(1000)
    for (const limit of ['0', '1001', '-1', '1.0', '01', '1e2', ' 1', '', 'all', '9'.repeat(400)])
      expect(() => page({ limit }), limit).to.throw(
        /limit is ".{0,81}": it must be a whole number from 1 to 1000/,
      )
  })

  it('begins behind the one before, and the last one says so', () => {
    const { entries: first, next } = cutPage(entries(5, 3), page({ limit: '2' }), Number)
    expect(first).to.deep.equal([5, 6])
    expect(page({ after: next! }).after).to.equal(6)
    expect(cutPage(entries(7, 2), page({ limit: '2' }), Number)).to.deep.equal({
      entries: [7, 8],
      next: null,
    })
    expect(cutPage([], page({}), Number).next).to.equal(null)
  })

  it('is asked for with a cursor as it was given, and with nothing else', () => {
    const { next } = cutPage(entries(2147483646, 2), page({ limit: '1' }), Number)
    const wrong = ['', '7', next!.slice(1), `${next}x`, `${next}=`, ` ${next}`, 'x'.repeat(5000)]
    const texts = ['after -1', 'after 01', 'after 1e9', 'after 99999999999999999', 'after \0', 'before 1']
    for (const after of [...wrong, ...texts.map(text => Buffer.from(text).toString('base64url'))])
      expect(() => page({ after }), after).to.throw(/after is ".{0,81}": it must be what "next" was/)
  })
})
