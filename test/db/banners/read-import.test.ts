import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { BANNER_FORMATS, type BannerFormat } from '../../../db/banners/banner-format.ts'
import type { Entries } from '../../../db/banners/import/entry.ts'
import { readImport } from '../../../db/banners/import/read-import.ts'
import { readJsonArray } from '../../../db/banners/import/read-json-array.ts'
import type { WantedBanner } from '../../../db/banners/write-banners.ts'
import { banners, cut, cuts, textOf } from './banner-files.ts'

/** Lines in front of the first banner. */
const HEAD_LINES = { json: 1, ndjson: 0, csv: 1 }

const FAULTS = [
  ['has a wrong value', /: "id" is a whole number from 1 to 2147483647$/],
  ['breaks the grammar', /: (it is not JSON: a banner is of the form|its quotes are wrong: a cell)/],
  ['is not in UTF-8', /: it is not in UTF-8: save the file/],
  ['is too long', /: it has more than 65536 bytes/],
  ['repeats a banner', /: banner \d+ is there already, in line \d+/],
] as const
type Fault = (typeof FAULTS)[number][0]

const several = banners.filter(({ length }) => length > 1)
/** How many empty lines follow one. */
const gaps = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 })

describe('a file of banners', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-import-'))
  })
  after(() => rm(directory, { recursive: true }))

  const read = async (text: string | Buffer, format: BannerFormat, lengths: readonly number[] = []) => {
    await using spool = await readImport(cut(Buffer.from(text), lengths), format, directory)
    return (await Array.fromAsync(spool.batches())).flat()
  }
  const faultOf = (text: string | Buffer, format: BannerFormat, lengths: readonly number[] = []) =>
    read(text, format, lengths).then(
      () => 'none',
      error => {
        expect(error.code, error.stack).to.equal('IMPORT_INVALID')
        return error.message as string
      },
    )

  for (const format of BANNER_FORMATS) {
    it(`in ${format} is read as it was exported, wherever its bytes are cut`, async () => {
      await fc.assert(
        fc.asyncProperty(banners, cuts, async (wanted, lengths) => {
          expect(await read(await textOf(wanted, format), format, lengths)).to.deep.equal(wanted)
        }),
      )
    })

    it(`in ${format} may have a byte order mark, CRLF, empty lines, and a last line without an end`, async () => {
      await fc.assert(
        fc.asyncProperty(banners, cuts, fc.boolean(), async (wanted, lengths, isCrlf) => {
          const text = `\ufeff\n${await textOf(wanted, format)}`
          const spaced = text.replaceAll(/\r?\n/g, isCrlf ? '\r\n\r\n' : '\n\n')
          expect(await read(spaced.trimEnd(), format, lengths)).to.deep.equal(wanted)
        }),
        { numRuns: 30 },
      )
    })

    /** The lines of an export as bytes, because not every fault is a text: in Latin-1 each character is a byte. */
    const linesOf = async (wanted: readonly WantedBanner[]) =>
      Buffer.from((await textOf(wanted, format)).trimEnd())
        .toString('latin1')
        .split(/\r?\n/)
    const spoil = (lines: string[], at: number, fault: Fault) => {
      const line = HEAD_LINES[format] + at
      lines[line] = faulty(fault, format, lines[line]!, lines[HEAD_LINES[format]]!)
    }

    for (const [fault, says] of FAULTS)
      it(`in ${format} is refused for one line that ${fault}, which is named by its number`, async () => {
        await fc.assert(
          fc.asyncProperty(several, fc.nat(), gaps, cuts, async (wanted, place, gaps, lengths) => {
            // The first banner is no repetition of itself.
            const at =
              fault === 'repeats a banner' ? 1 + (place % (wanted.length - 1)) : place % wanted.length
            const lines = await linesOf(wanted)
            spoil(lines, at, fault)
            const { text, numberOf } = spaced(lines, gaps)
            const message = await faultOf(Buffer.from(text, 'latin1'), format, lengths)
            const where = `line ${numberOf(HEAD_LINES[format] + at)}${format === 'json' ? `, entry ${at + 1}` : ''}: `
            expect(message.slice(0, where.length)).to.equal(where)
            expect(message).to.match(says)
          }),
          { numRuns: 30 },
        )
      })

    it(`in ${format} is refused for the first one of several wrong lines`, async () => {
      const faults = fc.uniqueArray(fc.tuple(fc.nat(29), fc.constantFrom(...FAULTS)), {
        selector: ([at]) => at,
        minLength: 2,
        maxLength: 4,
      })
      await fc.assert(
        fc.asyncProperty(several, faults, gaps, cuts, async (wanted, faults, gaps, lengths) => {
          const wrong = faults.filter(([at]) => at > 0 && at < wanted.length)
          fc.pre(wrong.length > 1)
          const lines = await linesOf(wanted)
          for (const [at, [fault]] of wrong) spoil(lines, at, fault)
          const [first, [, says]] = wrong.toSorted(([a], [b]) => a - b)[0]!
          const { text, numberOf } = spaced(lines, gaps)
          const message = await faultOf(Buffer.from(text, 'latin1'), format, lengths)
          expect(message)
            .to.match(new RegExp(`^line ${numberOf(HEAD_LINES[format] + first)}[,:]`))
            .and.match(says)
        }),
        { numRuns: 60 },
      )
    })
  }

  it('as an array is refused exactly when JSON.parse refuses it', async () => {
    const text = '[ {"id":1,"name":"a,]}\\\\\\"["} ,\n[1,[2]],"x\\\\", null,-1.5e3 ]'
    expect(JSON.parse(text)).to.have.lengthOf(5)
    const mutation = fc.record({
      at: fc.nat({ max: text.length }),
      drop: fc.nat({ max: 3 }),
      add: fc.string({ unit: fc.constantFrom(...'[]{},:"\\ \n1a'), maxLength: 3 }),
    })
    const seen = { right: 0, wrong: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 3 }), cuts, async (mutations, lengths) => {
        let mutated = text
        for (const { at, drop, add } of mutations)
          mutated = mutated.slice(0, at) + add + mutated.slice(at + drop)
        const expected = arrayIn(mutated)
        const actual = await bodiesIn(readJsonArray(cut(Buffer.from(mutated), lengths))).catch(error => {
          expect(error.code, error.stack).to.equal('IMPORT_INVALID')
          return null
        })
        expect(actual, mutated).to.deep.equal(expected)
        seen[expected === null ? 'wrong' : 'right']++
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(seen.right, seen.wrong)).to.be.above(100)
  })
})

/** With empty lines between, and the number that a line has then. */
function spaced(lines: readonly string[], gaps: readonly number[]) {
  const gapAfter = (index: number) => gaps[index % gaps.length]!
  return {
    text: lines.map((line, index) => `${line}\n${'\n'.repeat(gapAfter(index))}`).join(''),
    numberOf: (index: number) =>
      lines.slice(0, index).reduce((number, _, before) => number + 1 + gapAfter(before), 1),
  }
}

/** In Latin-1. */
function faulty(
  fault: (typeof FAULTS)[number][0],
  format: BannerFormat,
  line: string,
  first: string,
): string {
  const end = format === 'json' && line.endsWith(',') ? ',' : ''
  const isCsv = format === 'csv'
  switch (fault) {
    case 'has a wrong value':
      return isCsv ? '0,a,,,,,,,' : `{"id":0,"name":"a"}${end}`
    case 'breaks the grammar':
      return isCsv ? '1,a"b,,,,,,,' : `{"id":}${end}`
    case 'is not in UTF-8':
      return isCsv ? '1,\xff,,,,,,,' : `{"id":1,"name":"\xc3("}${end}`
    case 'is too long':
      return isCsv ? `1,${'a'.repeat(70_000)},,,,,,,` : `{"id":1,"name":"${'a'.repeat(70_000)}"}${end}`
    case 'repeats a banner':
      return format === 'json' ? first.replace(/,$/, '') + end : first
  }
}

async function bodiesIn(entries: Entries): Promise<unknown[]> {
  const bodies: unknown[] = []
  for await (const some of entries) for (const { body } of some) bodies.push(body)
  return bodies
}

/** null: the text is no array in JSON. */
function arrayIn(text: string): unknown[] | null {
  try {
    const value = JSON.parse(text)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
