import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { FileRows } from '../../../../db/history/import/file-rows.ts'
import type { Grain } from '../../../../db/history/import/grain.ts'
import { readHistory } from '../../../../db/history/import/read-history.ts'
import { VALID } from '../../../../lib/rows/classes.ts'
import { cut, cuts } from '../../banners/banner-files.ts'
import { histories, linesOf, NOW_MS, styles } from './history-files.ts'

const FAULTS = [
  ['has no banner id', /"0": a banner id is a whole number/, () => '0,2024-12-12,1'],
  ['has no time', /: the start of an? (minute|hour|day) is a time in ISO 8601, such as/, () => '1,noon,1'],
  [
    'is not at a start',
    /is not the start of an? (minute|hour|day) in UTC: /,
    () => '1,2024-12-12T10:30:30Z,1',
  ],
  ['is in the future', /"2027-01-01" is in the future$/, () => '1,2027-01-01,1'],
  ['is before 1970', /"1969-12-31" is before 1970$/, () => '1,1969-12-31,1'],
  [
    'has no clicks',
    /"0": clicks are a whole number from 1 to 2147483647, and a line/,
    () => '1,2024-12-12,0',
  ],
  ['has too many clicks', /: clicks are a whole number from/, () => '1,2024-12-12,2147483648'],
  ['has leading zeros', /"0005" has leading zeros: clicks are a whole/, () => '1,2024-12-12,0005'],
  ['has half a click', /"1.5": clicks are a whole number from/, () => '1,2024-12-12,1.5'],
  ['has two cells', /: it has 2 cells, and the first line names 3 columns/, () => '1,2024-12-12'],
  ['breaks the grammar', /: its quotes are wrong/, () => '1,"2024-12-12,1'],
  ['is no text', /: it is not in UTF-8/, () => '1,2024-12-12,\xff'],
  ['is a row again', /: line \d+ has this (minute|hour|day) of banner \d+ already/, (first: string) => first],
] as const
const PLAIN = { order: ['banner', 'time', 'clicks'], isQuoted: false, hasOffsets: false } as const
/** How many empty lines follow one. */
const gaps = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 })

async function read(text: string | Buffer, lengths: readonly number[] = []) {
  const { grain, rows, sha256 } = await readHistory(cut(Buffer.from(text), lengths), { nowMs: NOW_MS })
  const { bannerIds, minutes, clicks } = rows.rows()
  const found = Array.from(bannerIds, (bannerId, row) => ({
    bannerId,
    minute: minutes[row]!,
    clicks: clicks[VALID][row]!,
  }))
  return { grain, rows: found, sha256, count: rows.count, clicks: rows.clicks, span: rows.span() }
}

function faultOf(text: string | Buffer, lengths: readonly number[] = []): Promise<string> {
  return read(text, lengths).then(
    () => 'none',
    error => {
      expect(error.code, error.stack).to.equal('IMPORT_INVALID')
      return error.message as string
    },
  )
}

/** Puts empty lines between lines. */
function spaced(lines: readonly string[], gaps: readonly number[]) {
  const numbers: number[] = []
  let text = ''
  let number = 1
  for (const [index, line] of lines.entries()) {
    numbers.push(number)
    const empty = gaps[index % gaps.length]!
    text += `${line}\n${'\n'.repeat(empty)}`
    number += 1 + empty
  }
  return { text, numberOf: (index: number) => numbers[index]! }
}

describe('a file of an older counter', () => {
  it('is read whatever its columns, times, quotes and ends of lines, wherever its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        styles,
        gaps,
        cuts,
        fc.boolean(),
        async (history, style, gaps, lengths, isCrlf) => {
          const { text } = spaced(linesOf(history, style), gaps)
          const written = `\ufeff${isCrlf ? text.replaceAll('\n', '\r\n') : text.trimEnd()}`
          const { grain, rows, sha256, count, clicks, span } = await read(written, lengths)
          const expected = history.rows.toSorted((a, b) => a.bannerId - b.bannerId || a.minute - b.minute)
          expect({ grain, rows }).to.deep.equal({ grain: history.grain, rows: expected })
          expect(sha256).to.equal(createHash('sha256').update(written).digest('hex'))
          expect(count).to.equal(expected.length)
          expect(clicks).to.equal(expected.reduce((sum, row) => sum + row.clicks, 0))
          const minutes = expected.map(({ minute }) => minute)
          expect(span).to.deep.equal({ first: Math.min(...minutes), last: Math.max(...minutes) })
        },
      ),
    )
  })

  for (const [fault, says, lineWith] of FAULTS)
    it(`is refused for one line that ${fault}, which is named by its number`, async () => {
      await fc.assert(
        fc.asyncProperty(histories, fc.nat(), gaps, cuts, async (history, place, gaps, lengths) => {
          const lines = linesOf(history, PLAIN)
          // The first row is no repetition of itself.
          const at = 2 + (place % (history.rows.length - 1))
          lines[at] = lineWith(lines[1]!)
          const { text, numberOf } = spaced(lines, gaps)
          const message = await faultOf(Buffer.from(text, 'latin1'), lengths)
          const where = `line ${numberOf(at)}: `
          expect(message.slice(0, where.length), message).to.equal(where)
          expect(message).to.match(says)
        }),
        { numRuns: 30 },
      )
    })

  it('is refused for the first one of several wrong lines', async () => {
    const faults = fc.uniqueArray(fc.tuple(fc.nat(29), fc.constantFrom(...FAULTS)), {
      selector: ([at]) => at,
      minLength: 2,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(histories, faults, gaps, cuts, async (history, faults, gaps, lengths) => {
        const wrong = faults.filter(([at]) => at > 0 && at < history.rows.length)
        fc.pre(wrong.length > 0)
        const lines = linesOf(history, PLAIN)
        const first = lines[1]!
        for (const [at, [, , lineWith]] of wrong) lines[1 + at] = lineWith(first)
        const [at, [, says]] = wrong.toSorted(([a], [b]) => a - b)[0]!
        const { text, numberOf } = spaced(lines, gaps)
        const message = await faultOf(Buffer.from(text, 'latin1'), lengths)
        expect(message)
          .to.match(new RegExp(`^line ${numberOf(1 + at)}: `))
          .and.match(says)
      }),
      { numRuns: 60 },
    )
  })

  const headers: [text: string, message: RegExp][] = [
    ['', /^line 1: a file begins with a line of three column names, .*: banner, then minute or hour or day/],
    ['\n\n', /^line 1: a file begins with a line/],
    ['banner,clicks\n1,1', /^line 1: a file begins with/],
    ['banner,hour\n1,2024-12-12', /^line 1: a file begins with/],
    ['banner,minute,day,clicks\n', /^line 1: a file begins with/],
    [
      'banner;hour;clicks\n',
      /^line 1: "banner;hour;clicks" has semicolons between its columns: a file begins with .* by commas/,
    ],
    ['banner,hours,clicks\n', /^line 1: "hours" is no column \(did you mean hour\?\): a file begins with/],
    ['banner,hour,clicks,campaign\n', /^line 1: "campaign" is no column: a file begins with/],
    ['banner,hour,hour,clicks\n', /^line 1: the column hour is there twice/],
    ['banner,day,clicks\n\n', /^line 2: there is no line of clicks/],
    [`banner,day,clicks${',x'.repeat(20)}`, /^line 1: it has more than 16 cells/],
  ]
  for (const [text, message] of headers)
    it(`is refused when it is ${JSON.stringify(text.slice(0, 40))}`, async () => {
      expect(await faultOf(text)).to.match(message)
    })

  const times: [grain: Grain, text: string, startsAt: string | null][] = [
    ['minute', '2024-12-12', '2024-12-12T00:00Z'],
    ['minute', '20241212T100500Z', '2024-12-12T10:05Z'],
    ['minute', '2024-12-12 10:05:00.000', '2024-12-12T10:05Z'],
    ['minute', '2024-12-12T10:05:00.001Z', null],
    ['hour', '2024-12-12T10:00+05:30', null],
    ['hour', '2024-12-12T10:30+05:30', '2024-12-12T05:00Z'],
    ['day', '2024-12-12T02:00+02:00', '2024-12-12T00:00Z'],
    ['day', '2024-12-12T00:00+02:00', null],
    ['day', '2023-02-29', null],
    ['day', '12.12.2024', null],
    ['minute', '2026-11-28T12:00', '2026-11-28T12:00Z'],
    ['minute', '2026-11-28T12:01', null],
  ]
  for (const [grain, text, startsAt] of times)
    it(`${startsAt === null ? 'is refused for' : 'may have'} the ${grain} ${text}`, async () => {
      const file = `banner,${grain},clicks\n7, ${text} ,3\n`
      if (startsAt === null) expect(await faultOf(file)).to.match(/^line 2: /)
      else expect((await read(file)).rows[0]!.minute).to.equal(Date.parse(startsAt) / 60_000)
    })

  it('says which line is the first one after a minute', async () => {
    const text = 'banner,hour,clicks\n1,2024-12-12T10:00,1\n1,2024-12-12T12:00,1\n\n1,2024-12-12T11:00,1\n'
    const { rows } = await readHistory(cut(Buffer.from(text), []), { nowMs: NOW_MS })
    const after = (time: string) => rows.firstAfter(Date.parse(time) / 60_000)?.line
    expect(['09:00', '10:00', '11:00', '12:00'].map(time => after(`2024-12-12T${time}Z`))).to.deep.equal([
      2,
      3,
      3,
      undefined,
    ])
  })

  it('has at most 2 097 152 lines of clicks', () => {
    const rows = new FileRows()
    const add = (bannerId: number) =>
      rows.add({ bannerId, minute: 0, clicks: 2 ** 31 - 1 }, 'day', { line: bannerId + 1, entry: null })
    for (let bannerId = 1; bannerId <= 2 ** 21; bannerId++) add(bannerId)
    expect(rows.clicks, 'exactly').to.equal(2 ** 52 - 2 ** 21)
    expect(() => add(2 ** 21 + 1)).to.throw(
      /^line 2097154: a file has 2097152 lines of clicks at most: cut it/,
    )
  })
})
