import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  BULK,
  CLASS_SHIFT,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  type FileKey,
  type FormatVersion,
  KIND_BYTES,
  MINUTE_BYTES,
  PAIR_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_MARKS,
  TICK,
} from '../../lib/journal/files/format.ts'
import { BOT, DUPLICATE } from '../../lib/rows/classes.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import {
  anyRecord,
  encode,
  KEY,
  OTHER_WRITER,
  pairsOf,
  read as readAny,
  recordOf,
  type TickRecord,
} from './journal-support.ts'
import { encodeVersion1 } from './version-1.ts'

/** One banner and its count have the bytes of the mark that records start with. */
function someRecords(mark: number): TickRecord[] {
  return [
    [1, new Map([[1, 1]])],
    [
      28_900_000,
      new Map([
        [2, 3],
        [2 ** 31 - 1, 2 ** 31 - 1],
      ]),
    ],
    [28_900_000, new Map([[mark, mark]])],
    [28_900_001, new Map([[1, 5]])],
  ]
}

interface Format {
  readonly version: FormatVersion
  encode(key: FileKey, records: readonly TickRecord[]): Buffer
  readonly records: readonly TickRecord[]
  readonly anyRecord: fc.Arbitrary<TickRecord>
  /** Bytes of a payload before its minute. */
  readonly kindBytes: number
}

const FORMATS: readonly Format[] = [
  {
    version: 1,
    encode: encodeVersion1,
    records: someRecords(RECORD_MARKS[1].readUInt32LE()),
    anyRecord: anyRecord.map(([minute, clicksByBanner]) => [minute, clicksByBanner]),
    kindBytes: 0,
  },
  {
    version: 2,
    encode,
    records: [
      ...someRecords(RECORD_MARKS[2].readUInt32LE()),
      [28_900_001, new Map([[1, 6]]), BOT],
      [28_900_001, new Map([[1, 7]]), DUPLICATE],
    ],
    anyRecord,
    kindBytes: KIND_BYTES,
  },
]

for (const { version, encode, records: RECORDS, anyRecord, kindBytes } of FORMATS)
  describe(`the journal format, version ${version},`, () => {
    const read = (content: Buffer, key = KEY) => readAny(content, key, version)
    const recordEnds = (records: readonly TickRecord[]) => {
      let end = FILE_HEADER_BYTES
      return records.map(
        ([, { size }]) => (end += RECORD_HEADER_BYTES + kindBytes + MINUTE_BYTES + size * PAIR_BYTES),
      )
    }

    it('gives back every record that was written, in order', () => {
      fc.assert(
        fc.property(fc.array(anyRecord, { maxLength: 8 }), records => {
          expect(read(encode(KEY, records))).to.deep.equal({
            pairs: pairsOf(records),
            isDamaged: false,
            records: records.length,
          })
        }),
      )
    })

    it('takes a record of more pairs than its buffer had room for', () => {
      const records: TickRecord[] = [
        [9, new Map(Array.from({ length: 50_000 }, (_, id) => [id + 1, id + 7]))],
      ]
      expect(read(encode(KEY, records)).pairs).to.deep.equal(pairsOf(records))
    })

    it('cut at any byte is a file of the records before the cut, and not damaged', () => {
      const content = encode(KEY, RECORDS)
      const ends = recordEnds(RECORDS)
      for (let bytes = 0; bytes <= content.length; bytes++) {
        const whole = ends.filter(end => end <= bytes).length
        expect(read(content.subarray(0, bytes)), `cut at byte ${bytes}`).to.deep.equal({
          pairs: pairsOf(RECORDS.slice(0, whole)),
          isDamaged: false,
          records: whole,
        })
      }
    })

    it('with any one bit turned over is damaged, and loses at most the record of that bit', () => {
      const content = encode(KEY, RECORDS)
      const ends = recordEnds(RECORDS)
      for (let bit = 0; bit < content.length * 8; bit++) {
        const byte = bit >> 3
        const turned = Buffer.from(content)
        turned[byte]! ^= 1 << (bit & 7)
        const hit = byte < FILE_HEADER_BYTES ? -1 : ends.findIndex(end => byte < end)
        expect(read(turned), `bit ${bit}`).to.deep.equal({
          pairs: pairsOf(RECORDS.filter((_, record) => record !== hit)),
          isDamaged: true,
          records: RECORDS.length - (hit < 0 ? 0 : 1),
        })
      }
    })

    it('with a record missing from the middle, or rubbish in its place, keeps all others', () => {
      const content = encode(KEY, RECORDS)
      const [first, second] = recordEnds(RECORDS)
      const mark = RECORD_MARKS[version].toString('latin1')
      for (const between of ['x', mark, mark + mark, '\0'.repeat(100), mark.slice(0, -1)])
        expect(
          read(Buffer.concat([content.subarray(0, first), Buffer.from(between), content.subarray(second)])),
          JSON.stringify(between),
        ).to.deep.equal({
          pairs: pairsOf(RECORDS.filter((_, record) => record !== 1)),
          isDamaged: true,
          records: RECORDS.length - 1,
        })
    })

    it('that is not one at all is damaged, and nothing is read from it', () => {
      const seed = newSeed()
      const random = seededRandom(seed)
      for (let file = 0; file < 300; file++) {
        const rubbish = Buffer.from(Array.from({ length: 1 + random(500) }, () => random(256)))
        if (rubbish[0] === 'C'.charCodeAt(0)) rubbish[0] = 0
        expect(read(rubbish), `seed ${seed}, file ${file}`).to.deep.equal({
          pairs: [],
          isDamaged: true,
          records: 0,
        })
      }
    })

    it('that is empty, or a header alone, has no records and no damage', () => {
      for (const content of [Buffer.alloc(0), encode(KEY, [])])
        expect(read(content)).to.deep.equal({ pairs: [], isDamaged: false, records: 0 })
    })

    it('under another name than its own is damaged; its records are read all the same', () => {
      const content = encode(KEY, RECORDS)
      for (const other of [
        { ...KEY, writer: OTHER_WRITER },
        { ...KEY, firstGeneration: 6 },
        { ...KEY, lastGeneration: 8 },
        { ...KEY, thread: 2 },
      ])
        expect(read(content, other)).to.deep.equal({
          pairs: pairsOf(RECORDS),
          isDamaged: true,
          records: RECORDS.length,
        })
    })

    it('with a minute, banner or count that nobody writes is damaged, however right its checksum', () => {
      for (const impossible of [
        [0, new Map([[1, 1]])],
        [2 ** 31, new Map([[1, 1]])],
        [1, new Map([[0, 1]])],
        [1, new Map([[2 ** 31, 1]])],
        [1, new Map([[1, 0]])],
        [1, new Map([[1, 2 ** 31]])],
      ] as const)
        expect(read(encode(KEY, [...RECORDS, impossible]))).to.deep.equal({
          pairs: pairsOf(RECORDS),
          isDamaged: true,
          records: RECORDS.length,
        })
    })

    it('does not take a length beyond the end for a record cut short when the length is damaged', () => {
      const content = encode(KEY, RECORDS)
      content.writeUInt32LE(2 ** 20 + MINUTE_BYTES, FILE_HEADER_BYTES + 4)
      expect(read(content)).to.deep.include({ isDamaged: true, records: RECORDS.length - 1 })
    })
  })

describe('what a newer version of this program has written', () => {
  const known: readonly TickRecord[] = [[1, new Map([[1, 1]])], [2, new Map([[2, 3]])]] // biome-ignore format: a table
  /** A file whose second record is this one. */
  const withSecond = (record: Buffer) => {
    const ends = [known.slice(0, 1), known].map(records => encode(KEY, records).length)
    const content = encode(KEY, [...known, known[0]!])
    return Buffer.concat([content.subarray(0, ends[0]), record, content.subarray(ends[1])])
  }
  const around = { pairs: pairsOf([known[0]!, known[0]!]), isDamaged: false, records: 3 }

  it('as records of another kind is named, and is no damage, whatever words they have', () => {
    for (const payload of [[6], [6, 0], [6, 0, 0xffff_ffff], [0], [77, 5, 1, 2]])
      expect(readAny(withSecond(recordOf(payload)))).to.deep.equal({
        ...around,
        newer: `a record of kind ${payload[0]}`,
      })
  })

  it('as clicks of another class is named, and is no damage', () => {
    expect(readAny(withSecond(recordOf([TICK | (3 << CLASS_SHIFT), 5, 1, 2])))).to.deep.equal({
      ...around,
      newer: 'clicks of class 3',
    })
  })

  it('in another version of the format is named, and nothing is read, whatever else its header has', () => {
    const ours = encode(KEY, known)
    for (const bytes of [12, 40, 52]) {
      const header = Buffer.concat([encodeFileHeader(KEY), Buffer.alloc(16)]).subarray(0, bytes)
      header.write('CCJ3')
      header.writeUInt32LE(bytes, 4)
      header.writeUInt32LE(crc32(header.subarray(0, -4)), bytes - 4)
      expect(readAny(Buffer.concat([header, ours.subarray(FILE_HEADER_BYTES)]))).to.deep.equal({
        pairs: [],
        isDamaged: false,
        records: 0,
        newer: 'version 3 of the format',
      })
    }
  })

  it('is damage where its checksum is wrong', () => {
    const record = recordOf([6, 5])
    record[20]! ^= 1
    expect(readAny(withSecond(record))).to.deep.equal({ ...around, isDamaged: true, records: 2 })
    const header = encode(KEY, known)
    header.write('CCJ3')
    expect(readAny(header)).to.deep.equal({ pairs: pairsOf(known), isDamaged: true, records: 2 })
  })

  it('is none of the kinds and versions of today', () => {
    for (const kind of [TICK, BULK] as const)
      expect(readAny(encode(KEY, known, kind))).to.deep.equal({
        pairs: pairsOf(known),
        isDamaged: false,
        records: 2,
      })
    // A file of version 1 that somebody has renamed.
    expect(readAny(encodeVersion1(KEY, known))).to.deep.equal({ pairs: [], isDamaged: true, records: 0 })
  })
})
