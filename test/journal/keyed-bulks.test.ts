import { expect } from 'chai'
import fc from 'fast-check'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import {
  BULK,
  BULK_PART,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  KEYED_BULK,
  TICK,
} from '../../lib/journal/files/format.ts'
import { ticksName } from '../../lib/journal/files/names.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { BOT, type ClickClass, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { type BulkPart, type KeyedBulk, keyedBulkOf } from '../../lib/rows/keyed-bulk.ts'
import { rowsOf } from '../support/rows.ts'
import {
  anyBannerId,
  anyClass,
  anyMinute,
  anyRecord,
  encode,
  KEY,
  pairsOf,
  read,
  recordOf,
  type TickRecord,
} from './journal-support.ts'
import { SegmentJournal, TWO_CLICKS } from './segment-support.ts'

const FINGERPRINT = '00112233445566778899aabbccddeeff'
/** Every character that a key may have, and the mark that records begin with. */
const EVERY_CHARACTER = String.fromCharCode(...Array.from({ length: 94 }, (_, nth) => 33 + nth))
const MARK = 'CCR2'

const TICKS: TickRecord = [5, new Map([[1, 2]])]
const BULKS: readonly KeyedBulk[] = [
  bulk('a', [VALID, 1, 2]),
  bulk(`${MARK}${MARK}`, [VALID, 1, 2, 0x32524343, 7], [BOT, 9, 1], [DUPLICATE, 2 ** 31 - 1, 2 ** 31 - 1]),
  bulk(EVERY_CHARACTER, [DUPLICATE, 4, 1]),
  bulk('k'.repeat(255), [BOT, 4, 1]),
]

const anyPart = (clickClass: ClickClass): fc.Arbitrary<BulkPart> =>
  fc
    .array(fc.tuple(anyBannerId, fc.integer({ min: 1, max: 1_000_000 })), { minLength: 1, maxLength: 9 })
    .map(pairs => partOf(clickClass, [...new Map(pairs)].flat()))
const anyKeyed: fc.Arbitrary<KeyedBulk> = fc
  .record({
    key: fc.string({ unit: fc.constantFrom(...EVERY_CHARACTER), minLength: 1, maxLength: 255 }),
    fingerprint: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
    minute: anyMinute,
    parts: fc
      .uniqueArray(anyClass, { minLength: 1, maxLength: 3 })
      .chain(classes => fc.tuple(...classes.sort().map(anyPart))),
  })
  .map(keyedBulkOf)

describe('a bulk with a key in the journal', () => {
  it('is read as it was written, among ticks, bulks and parts of bulks', () => {
    const anyPiece = fc.oneof(anyRecord, anyKeyed)
    fc.assert(
      fc.property(fc.array(anyPiece, { maxLength: 8 }), pieces => {
        const ticks = pieces.filter(isOfTick)
        const keyed = pieces.filter(piece => !isOfTick(piece)) as KeyedBulk[]
        expect(read(Buffer.concat([encodeFileHeader(KEY), ...pieces.map(record)]))).to.deep.equal({
          pairs: pairsOf(ticks),
          ...(keyed.length > 0 && { keyed }),
          isDamaged: false,
          records: pieces.length,
        })
      }),
    )
  })

  it('cut at any byte is not there at all, and what is before it is', () => {
    const records = [record(TICKS), ...BULKS.map(record), record(TICKS)]
    const content = Buffer.concat([encodeFileHeader(KEY), ...records])
    const ends = endsOf(records)
    for (let bytes = 0; bytes <= content.length; bytes++) {
      const whole = ends.filter(end => end <= bytes).length
      const { pairs, keyed = [], isDamaged, records: found } = read(content.subarray(0, bytes))
      expect({ isDamaged, found }, `cut at ${bytes}`).to.deep.equal({ isDamaged: false, found: whole })
      expect(keyed, `cut at ${bytes}`).to.deep.equal(BULKS.slice(0, Math.max(0, whole - 1)))
      expect(pairs).to.have.lengthOf(Math.min(1, whole) + (whole === records.length ? 1 : 0))
    }
  })

  it('with any one bit turned over is damaged and not counted, and all others are', () => {
    const records = [record(TICKS), ...BULKS.map(record), record(TICKS)]
    const content = Buffer.concat([encodeFileHeader(KEY), ...records])
    const ends = endsOf(records)
    for (let bit = ends[0]! * 8; bit < ends.at(-2)! * 8; bit++) {
      const turned = Buffer.from(content)
      turned[bit >> 3]! ^= 1 << (bit & 7)
      const hit = ends.findIndex(end => bit >> 3 < end) - 1
      const { pairs, keyed, isDamaged } = read(turned)
      expect(isDamaged, `bit ${bit}`).to.equal(true)
      expect(keyed, `bit ${bit}`).to.deep.equal(BULKS.filter((_, nth) => nth !== hit))
      expect(pairs, `bit ${bit}`).to.have.lengthOf(2)
    }
  })

  it('lets the parts of a bulk before it count: it was written after the whole of that', () => {
    const part = encode(KEY, [TICKS], BULK_PART).subarray(FILE_HEADER_BYTES)
    const content = Buffer.concat([encodeFileHeader(KEY), part, record(BULKS[0]!)])
    expect(read(content).pairs).to.deep.equal(pairsOf([TICKS]))
    expect(read(content.subarray(0, -1)).pairs).to.deep.equal([])
  })

  for (const { what, words } of [
    { what: 'without a minute', words: sound({ minute: 0 }) },
    { what: 'with an empty key', words: sound({ key: [0] }) },
    { what: 'with a key that is too long', words: sound({ key: [256, ...Array(64).fill(0x61616161)] }) },
    { what: 'with a blank in its key', words: sound({ key: [4, 0x61612061] }) },
    { what: 'with a byte beyond ASCII in its key', words: sound({ key: [4, 0x61e16161] }) },
    { what: 'with a key that does not end', words: sound({ key: [2 ** 31, 0x61616161] }) },
    { what: 'with something behind its key', words: sound({ key: [3, 0x61616161] }) },
    { what: 'without clicks', words: sound({ parts: [] }) },
    { what: 'with a class without clicks', words: sound({ parts: [0, 0] }) },
    { what: 'with fewer pairs than it says', words: sound({ parts: [0, 2, 1, 1] }) },
    { what: 'with half a pair', words: sound({ parts: [0, 1, 1, 1, 1] }) },
    { what: 'with a class twice', words: sound({ parts: [0, 1, 1, 1, 0, 1, 1, 1] }) },
    { what: 'with classes that do not ascend', words: sound({ parts: [1, 1, 1, 1, 0, 1, 1, 1] }) },
    { what: 'with banner 0', words: sound({ parts: [0, 1, 0, 1] }) },
    { what: 'with clicks that nobody sends', words: sound({ parts: [0, 1, 1, 2 ** 31] }) },
  ])
    it(`${what} is damage, however right its checksum`, () => {
      const content = Buffer.concat([encode(KEY, [TICKS]), recordOf(words), record(TICKS)])
      expect(read(content)).to.deep.equal({ pairs: pairsOf([TICKS, TICKS]), isDamaged: true, records: 2 })
      expect(read(Buffer.concat([encode(KEY, []), recordOf(sound({}))])).keyed).to.have.lengthOf(1)
    })

  it('with clicks of a class that is not known was written by a newer version', () => {
    const words = sound({ parts: [0, 1, 1, 1, 3, 1, 1, 1] })
    expect(read(Buffer.concat([encode(KEY, []), recordOf(words)]))).to.deep.equal({
      pairs: [],
      isDamaged: false,
      records: 1,
      newer: 'clicks of class 3',
    })
  })
})

describe('a tick with bulks that have keys', () => {
  let journal: SegmentJournal
  beforeEach(() => {
    journal = new SegmentJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it('is one write, with a record for each of them behind the others', () => {
    const pairs = Int32Array.of(1, 2)
    journal.segment.append(7, TWO_CLICKS, [{ minute: 5, clickClass: VALID, pairs }], BULKS)
    const name = ticksName(KEY, 0)
    expect(journal.recordKinds(name)).to.deep.equal([TICK, BULK, ...BULKS.map(() => KEYED_BULK)])
    const { rows, keyed, damaged } = readFiles(journal.path, [name])
    expect(rowsOf(rows)).to.deep.equal([[1, 5, 4]])
    expect(keyed).to.deep.equal(BULKS)
    expect(damaged).to.deep.equal([])
  })

  it('leaves nothing of an earlier tick behind a shorter key', () => {
    for (const length of [255, 5, 1])
      journal.segment.append(7, TWO_CLICKS, [], [bulk('k'.repeat(length), [VALID, 1, 1])])
    const { keyed, damaged } = readFiles(journal.path, [ticksName(KEY, 0)])
    expect(damaged).to.deep.equal([])
    expect(keyed.map(({ key }) => key.length)).to.deep.equal([255, 5, 1])
  })
})

function bulk(key: string, ...parts: [clickClass: ClickClass, ...pairs: number[]][]): KeyedBulk {
  return keyedBulkOf({
    key,
    fingerprint: FINGERPRINT,
    minute: 28_900_000,
    parts: parts.map(([clickClass, ...pairs]) => partOf(clickClass, pairs)),
  })
}

function partOf(clickClass: ClickClass, pairs: readonly number[]): BulkPart {
  const clicks = pairs.reduce((sum, word, at) => sum + (at % 2 === 0 ? 0 : word), 0)
  return { clickClass, pairs: Int32Array.from(pairs), clicks }
}

function isOfTick(piece: TickRecord | KeyedBulk): piece is TickRecord {
  return Array.isArray(piece)
}

function record(piece: TickRecord | KeyedBulk): Buffer {
  if (isOfTick(piece)) return encode(KEY, [piece]).subarray(FILE_HEADER_BYTES)
  const records = new RecordBuffer()
  records.addKeyed(piece)
  return Buffer.from(records.filled)
}

function endsOf(records: readonly Buffer[]): number[] {
  let end = FILE_HEADER_BYTES
  return records.map(({ length }) => (end += length))
}

/** The words of a payload, sound but for what is given. */
function sound({
  minute = 5,
  key = [4, 0x61616161],
  parts = [0, 1, 1, 1],
}: {
  minute?: number
  key?: readonly number[]
  parts?: readonly number[]
}): number[] {
  return [KEYED_BULK, minute, 1, 2, 3, 4, ...key, ...parts]
}
