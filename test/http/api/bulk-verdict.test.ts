import { expect } from 'chai'
import fc from 'fast-check'
import { bulkSchema } from '../../../lib/http/api/bulk-schema.ts'
import { mistakeIn } from '../../../lib/http/api/bulk-verdict.ts'

const RUNS = 3000

const around = (limit: number) => fc.integer({ min: limit - 2, max: limit + 2 })
const id = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), around(1), around(2 ** 31 - 1))
const count = fc.oneof(fc.integer({ min: 1, max: 10_000 }), around(1), around(10_000))
const scalar = fc.oneof(
  id,
  fc.double(),
  fc.string(),
  fc.constantFrom(null, true, [], {}, '1', 1.5, -0, 1e300),
)
const key = fc.constantFrom('id', 'count', 'ID', '__proto__', 'constructor', 'toString', 'length', '')

const goodId = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const userAgent = fc.oneof(fc.string(), fc.constantFrom('x'.repeat(8192), 'x'.repeat(8193)))
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('', '10.0.0.256', '::1%lo', '010.0.0.1', '[::1]'))
const goodEntry = fc.oneof(
  fc.record(
    {
      ...{ id: goodId, count: fc.integer({ min: 1, max: 10_000 }) },
      class: fc.constantFrom('valid', 'bot', 'duplicate'),
    },
    { requiredKeys: ['id'] },
  ),
  fc.record({ id: goodId, userAgent: fc.string(), ip: fc.oneof(fc.ipV4(), fc.ipV6()) }),
)
const nearlyGoodEntry = fc.record({ id, count }, { requiredKeys: ['id'] })
const badEntry = fc.oneof(
  nearlyGoodEntry,
  fc.record(
    { id, count, class: fc.constantFrom('valid', 'Bot', 'toString', null), userAgent, ip },
    { requiredKeys: ['id'] },
  ),
  fc.record(
    { id, userAgent: fc.oneof(userAgent, scalar), ip: fc.oneof(ip, scalar) },
    { requiredKeys: ['id'] },
  ),
  fc.record({ id: scalar, count: scalar }, { requiredKeys: [] }),
  // As pairs, since __proto__ is to be a key of its own.
  fc.array(fc.tuple(key, fc.oneof(id, scalar)), { maxLength: 3 }).map(pairs => new Pairs(pairs)),
  scalar,
)
const goodBody = fc.record({ clicks: fc.array(goodEntry, { minLength: 1, maxLength: 8 }) })
const nearlyGoodBody = fc.record({ clicks: fc.array(fc.oneof(goodEntry, badEntry), { maxLength: 8 }) })
/** Near the limits of length and sum, by as many copies of one entry. */
const longBody = fc
  .tuple(fc.oneof(around(10_000), around(100), around(1)), nearlyGoodEntry)
  .map(([length, entry]) => ({ clicks: new Array(Math.max(0, length)).fill(entry) }))
const strangeBody = fc.oneof(
  scalar,
  fc.jsonValue(),
  fc
    .array(fc.tuple(fc.oneof(fc.constant('clicks'), key), fc.oneof(scalar, fc.array(goodEntry))), {
      maxLength: 3,
    })
    .map(pairs => new Pairs(pairs)),
)

describe('verdict on a bulk', () => {
  const bodies: Record<string, [body: fc.Arbitrary<unknown>, runs: number]> = {
    'good ones': [goodBody, RUNS],
    'nearly good ones': [nearlyGoodBody, RUNS],
    'long ones': [longBody, 100],
    'strange ones': [strangeBody, RUNS],
  }
  for (const [name, [body, runs]] of Object.entries(bodies))
    it(`is that of the published schema: ${name}`, () => {
      const verdicts = { good: 0, bad: 0 }
      fc.assert(
        fc.property(body, value => {
          const text = jsonOf(value)
          const isGood = isGoodBySchema(text)
          expect(mistakeIn(JSON.parse(text)) === null, text.slice(0, 500)).to.equal(isGood)
          verdicts[isGood ? 'good' : 'bad']++
        }),
        { numRuns: runs },
      )
      if (name === 'good ones') expect(verdicts.bad).to.equal(0)
      else expect(verdicts.bad).to.be.greaterThan(0)
      if (name !== 'strange ones') expect(verdicts.good).to.be.greaterThan(0)
    })

  it('names the first bad entry, whatever comes behind it', () => {
    fc.assert(
      fc.property(
        fc.array(goodEntry, { maxLength: 20 }),
        badEntry,
        fc.array(badEntry, { maxLength: 5 }),
        (good, bad, rest) => {
          fc.pre(!isGoodBySchema(jsonOf({ clicks: [bad] })))
          const text = jsonOf({ clicks: [...good, bad, ...rest] })
          const mistake = mistakeIn(JSON.parse(text))
          expect(mistake?.startsWith(`clicks[${good.length}]`), `${text}: ${mistake}`).to.equal(true)
          expect(mistake).to.match(/ is .+: (it must be|an entry has) /)
          expect(mistake!.length).to.be.lessThan(200)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('is published as a JSON Schema with the same limits', () => {
    const schema = bulkSchema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
    expect(schema).to.nested.include({
      'properties.clicks.minItems': 1,
      'properties.clicks.maxItems': 10_000,
      'properties.clicks.items.properties.id.maximum': 2_147_483_647,
      'properties.clicks.items.properties.count.maximum': 10_000,
      'properties.clicks.items.properties.userAgent.maxLength': 8192,
      'properties.clicks.items.additionalProperties': false,
      additionalProperties: false,
    })
  })
})

/** An object that is written with these keys, also the same one twice. */
class Pairs {
  readonly pairs: readonly (readonly [string, unknown])[]

  constructor(pairs: readonly (readonly [string, unknown])[]) {
    this.pairs = pairs
  }
}

function jsonOf(value: unknown): string {
  if (value instanceof Pairs)
    return `{${value.pairs.map(([key, of]) => `${JSON.stringify(key)}:${jsonOf(of)}`).join()}}`
  if (Array.isArray(value)) return `[${value.map(jsonOf).join()}]`
  if (typeof value === 'object' && value !== null)
    return jsonOf(new Pairs(Object.entries(value).filter(([, of]) => of !== undefined)))
  return JSON.stringify(value)
}

/** Joi does not see a __proto__, so the text is asked; none of the generated texts has it but for a key. */
function isGoodBySchema(text: string): boolean {
  return !text.includes('"__proto__":') && bulkSchema.validate(JSON.parse(text)).error === undefined
}
