import { expect } from 'chai'
import { FakeStats } from './fake-stats.ts'

const DAY = { from: '2024-12-12', to: '2024-12-13' }
const QUESTION = {
  ...{ from: new Date('2024-12-12'), to: new Date('2024-12-13') },
  ...{ step: 'minute', timeZone: 'UTC', fill: false, compare: null },
}
const MANY = { ...QUESTION, step: 'all', choice: { kind: 'all' }, top: null, group: 'banner' }
const inParis = (time: string) => new Date(`${time}+01:00`)

/** What a question may say beside its range, and what it becomes. */
const ofOne: Record<string, { fields: object; becomes: object }> = {
  nothing: { fields: {}, becomes: {} },
  'a step': { fields: { step: 'week' }, becomes: { step: 'week' } },
  'a zone': {
    fields: { timeZone: 'Europe/Paris' },
    becomes: { timeZone: 'Europe/Paris', from: inParis('2024-12-12T00:00'), to: inParis('2024-12-13T00:00') },
  },
  'a zone in other letters': {
    fields: { timeZone: 'asia/KATHMANDU', ...{ from: '2024-12-12T00:00+05:45', to: '2024-12-12T01:00Z' } },
    becomes: {
      timeZone: 'Asia/Kathmandu',
      from: new Date('2024-12-11T18:15Z'),
      to: new Date('2024-12-12T01:00Z'),
    },
  },
  'a zone with a sign': {
    fields: { timeZone: 'Etc/GMT+1' },
    becomes: {
      timeZone: 'Etc/GMT+1',
      from: new Date('2024-12-12T01:00Z'),
      to: new Date('2024-12-13T01:00Z'),
    },
  },
  'steps to fill': { fields: { fill: true, step: 'hour' }, becomes: { fill: true, step: 'hour' } },
  'no steps to fill': { fields: { fill: false }, becomes: {} },
  'the range before': { fields: { compare: 'previous' }, becomes: { compare: 'previous' } },
  'the year before': { fields: { compare: 'year' }, becomes: { compare: 'year' } },
}

const ofMany: typeof ofOne = {
  ...ofOne,
  ids: { fields: { ids: [7, 2, 2147483647] }, becomes: { choice: { kind: 'ids', ids: [7, 2, 2147483647] } } },
  'a campaign': {
    fields: { campaign: 'a, "b" & c=1' },
    becomes: { choice: { kind: 'campaign', campaign: 'a, "b" & c=1' } },
  },
  'a label': { fields: { label: 'ünï 🎉' }, becomes: { choice: { kind: 'label', label: 'ünï 🎉' } } },
  'a top of campaigns': {
    fields: { top: 1000, group: 'campaign' },
    becomes: { top: 1000, group: 'campaign' },
  },
  'a top of ids': { fields: { top: 1, ids: [1] }, becomes: { top: 1, choice: { kind: 'ids', ids: [1] } } },
  'no groups': { fields: { group: 'none', step: 'minute' }, becomes: { group: 'none', step: 'minute' } },
}

/** What is wrong in a body and in a query, with what the refusal says. A list is many values of one parameter. */
const wrongOfBoth: Record<string, { fields: Record<string, unknown>; says: RegExp }> = {
  'a step that is none': {
    fields: { step: 'year' },
    says: /^"step" must be one of \[minute, quarter, hour, day, week, month, all\]/,
  },
  'a step that is mistyped': {
    fields: { step: 'dya' },
    says: /^"step" must be one of \[minute, .*, all\] \(did you mean day\?\)/,
  },
  'an empty step': { fields: { step: '' }, says: /^"step" must be one of/ },
  'a step in capitals': { fields: { step: 'Day' }, says: /^"step" must be one of.* \(did you mean day\?\)/ },
  'a zone that is none': {
    fields: { timeZone: 'Europe/Pariss' },
    says: /^"timeZone" is no time zone \(did you mean Europe\/Paris\?\): it must be a name such as UTC or/,
  },
  'an offset for a zone': { fields: { timeZone: '-01:00' }, says: /^"timeZone" is no time zone/ },
  'an empty zone': { fields: { timeZone: '' }, says: /^"timeZone" must be the name of a time zone/ },
  'a long zone': { fields: { timeZone: 'x'.repeat(3000) }, says: /^"timeZone" is no time zone/ },
  'a flag that is none': { fields: { fill: 'yes' }, says: /^"fill" must be true or false/ },
  'a comparison that is none': {
    fields: { compare: 'last' },
    says: /^"compare" must be one of \[previous, year\]/,
  },
  'a time that is none': {
    fields: { from: '2024-02-30' },
    says: /^"from" must be a time in ISO 8601.* it is in "timeZone"/,
  },
  'an end before the start': { fields: { to: '2024-12-11' }, says: /^"from" must be before "to"/ },
  'an end before the start, but for the zone': {
    fields: { from: '2024-12-12T00:00', to: '2024-12-12T04:00Z', timeZone: 'America/New_York' },
    says: /^"from" must be before "to"/,
  },
  'a long range': { fields: { from: '2014-12-01' }, says: /longer than 3660 days/ },
  'a field that is mistyped': {
    fields: { timezone: 'UTC' },
    says: /^there is no (field|parameter) "timezone" \(did you mean "?timeZone"?\?\)/,
  },
  'a field of objects': {
    fields: { constructor: '1' },
    says: /^there is no (field|parameter) "constructor"/,
  },
}

const wrongOfOne: typeof wrongOfBoth = {
  ...wrongOfBoth,
  'a field that is for many banners': {
    fields: { top: 3 },
    says: /^the (field|parameter) "top" is for many banners: it belongs to \/stats, not to \/stats\/\{id\}$/,
  },
}

const wrongOfMany: typeof wrongOfBoth = {
  ...wrongOfBoth,
  'ids and a campaign': { fields: { ids: [1], campaign: 'a' }, says: /exclude each other/ },
  'a campaign and a label': { fields: { campaign: 'a', label: 'b' }, says: /exclude each other/ },
  'an empty campaign': { fields: { campaign: '' }, says: /^"campaign" has 1 to 100 characters/ },
  'a campaign of two lines': {
    fields: { campaign: 'a\nb' },
    says: /^"campaign" has 1 to 100 characters, no line breaks/,
  },
  'a campaign that Postgres cannot hold': { fields: { campaign: 'a\0' }, says: /^"campaign" has/ },
  'a label with what stands between labels': {
    fields: { label: 'a|b' },
    says: /^"label" has 1 to 50 characters.* no \|/,
  },
  'a top of none': { fields: { top: 0 }, says: /^"top" must be a whole number from 1 to 1000/ },
  'a top of too many': { fields: { top: 1001 }, says: /^"top" must be a whole number from 1 to 1000/ },
  'a part of a top': { fields: { top: 1.5 }, says: /^"top" must be a whole number from 1 to 1000/ },
  'a top of nothing': { fields: { top: 3, group: 'none' }, says: /^"top" is for banners or campaigns/ },
  'a group that is none': {
    fields: { group: 'banners' },
    says: /^"group" must be one of \[banner, campaign, none\] \(did you mean banner\?\)/,
  },
  ...Object.fromEntries(
    [0, -1, 1.5, 2147483648, 1e15].map(id => [
      `${id} for an id`,
      {
        fields: { ids: [1, id] },
        says: /^"ids\[1\]" must be a whole number from 1 to 2147483647, without leading zeros$/,
      },
    ]),
  ),
  'an id twice': {
    fields: { ids: [1, 2, 1] },
    says: /^"ids\[2\]" is banner 1 again: send each banner once$/,
  },
  'too many ids': {
    fields: { ids: Array.from({ length: 1001 }, (_, nth) => nth + 1) },
    says: /^"ids" has at most 1000 banners: ask twice, or by "campaign", "label" or "top"$/,
  },
}

/** What is wrong in a body alone: the types of JSON. */
const wrongTypes: typeof wrongOfBoth = {
  'a number for a step': { fields: { step: 60 }, says: /^"step" must be one of/ },
  'a text for a flag': { fields: { fill: 'true' }, says: /^"fill" must be true or false/ },
  'null for a comparison': { fields: { compare: null }, says: /^"compare" must be one of/ },
  'a list for a zone': { fields: { timeZone: ['UTC'] }, says: /^"timeZone" must be the name of a time zone/ },
}

const wrongManyTypes: typeof wrongOfBoth = {
  ...wrongTypes,
  'no ids': {
    fields: { ids: [] },
    says: /^"ids" names no banner: name some, or leave it out for all banners$/,
  },
  'a number for ids': { fields: { ids: 1 }, says: /^"ids" must be a list of banners, such as \[1,2\]$/ },
}

/** Queries that no body has the like of. */
const wrongQueries: Record<string, { query: string; says: RegExp }> = {
  'a parameter twice': {
    query: 'from=2024-12-12&to=2024-12-13&to=2024-12-13',
    says: /^the parameter to stands there twice/,
  },
  'no range': { query: '', says: /^"from" is missing: a question has "from" and "to"$/ },
  'half a range': { query: 'from=2024-12-12', says: /^"to" is missing/ },
  'a prototype': {
    query: 'from=2024-12-12&to=2024-12-13&__proto__=1',
    says: /^there is no parameter "__proto__"/,
  },
  'a plus that is a space': {
    query: 'from=2024-12-12T00:00:00+01:00&to=2024-12-13',
    says: /^"from" must be a time .*\(in a query, a plus is written %2B\)$/,
  },
}

const wrongManyQueries: typeof wrongQueries = {
  'an id with a zero in front': {
    query: 'from=2024-12-12&to=2024-12-13&ids=1,02',
    says: /^"ids\[1\]" must be a whole number/,
  },
  'no id between commas': {
    query: 'from=2024-12-12&to=2024-12-13&ids=1,,2',
    says: /^"ids\[1\]" must be a whole number/,
  },
  'no ids': { query: 'from=2024-12-12&to=2024-12-13&ids=', says: /^"ids\[0\]" must be a whole number/ },
  'ids in brackets': {
    query: 'from=2024-12-12&to=2024-12-13&ids[]=1',
    says: /^there is no parameter "ids\[\]" \(did you mean ids\?\)/,
  },
  'a top with a sign': {
    query: 'from=2024-12-12&to=2024-12-13&top=%2B1',
    says: /^"top" must be a whole number/,
  },
}

const queryOf = (fields: object) =>
  new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString()

for (const { path, right, wrong, types, queries, usual } of [
  {
    ...{ path: '/stats/1', right: ofOne, wrong: wrongOfOne, usual: QUESTION },
    ...{ types: wrongTypes, queries: wrongQueries },
  },
  {
    ...{ path: '/stats', right: ofMany, wrong: wrongOfMany, usual: MANY, types: wrongManyTypes },
    queries: { ...wrongQueries, ...wrongManyQueries },
  },
])
  describe(`A question to ${path}`, () => {
    const stats = new FakeStats()
    const post = (fields: object) => () => stats.post(path, { ...DAY, ...fields })
    const get = (fields: object) => () => stats.get(`${path}?${queryOf({ ...DAY, ...fields })}`)

    for (const [what, { fields, becomes }] of Object.entries(right))
      it(`may have ${what}, in a body and in a query`, async () => {
        for (const ask of [post(fields), get(fields)])
          expect(await stats.questionOf(ask)).to.deep.equal({ ...usual, ...becomes })
      })

    for (const [what, { fields, says }] of Object.entries(wrong))
      it(`is refused with ${what}, in a body and in a query`, async () => {
        for (const ask of [post(fields), get(fields)]) {
          const message = await stats.refusalOf(ask)
          expect(message).to.match(says)
          expect(message.length).to.be.below(300)
        }
      })

    for (const [what, { fields, says }] of Object.entries(types))
      it(`is refused with ${what}`, async () => {
        expect(await stats.refusalOf(post(fields))).to.match(says)
      })

    for (const [what, { query, says }] of Object.entries(queries))
      it(`is refused with ${what} in its query`, async () => {
        expect(await stats.refusalOf(() => stats.get(`${path}?${query}`))).to.match(says)
      })

    it('may compare in JSON alone', async () => {
      const [inBody, inQuery] = [{ ...DAY, compare: 'year' }, queryOf({ ...DAY, compare: 'year' })]
      const csv = { accept: 'text/csv' }
      for (const ask of [() => stats.post(path, inBody, csv), () => stats.get(`${path}?${inQuery}`, csv)])
        expect(await stats.refusalOf(ask)).to.match(/^"compare" is for answers in JSON/)
    })

    it('names a parameter as a body does a field', async () => {
      const inBody = await stats.refusalOf(post({ feld: 1 }))
      const inQuery = await stats.refusalOf(get({ feld: 1 }))
      expect(inBody.replaceAll('"', '').replace('field', 'parameter')).to.equal(inQuery.replaceAll('"', ''))
    })
  })
