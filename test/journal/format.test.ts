import { expect } from 'chai'
import fc from 'fast-check'
import {
  FILE_HEADER_BYTES,
  MINUTE_BYTES,
  PAIR_BYTES,
  RECORD_HEADER_BYTES,
} from '../../lib/journal/files/format.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import { anyRecords, encode, KEY, OTHER_WRITER, pairsOf, read, type TickRecord } from './journal-support.ts'

const RECORD_MARK = Buffer.from('tick').readUInt32LE()
/** Among them a banner and a count whose bytes are those of the mark that records start with. */
const RECORDS: readonly TickRecord[] = [
  [1, new Map([[1, 1]])],
  [
    28_900_000,
    new Map([
      [2, 3],
      [2 ** 31 - 1, 2 ** 31 - 1],
    ]),
  ],
  [28_900_000, new Map([[RECORD_MARK, RECORD_MARK]])],
  [28_900_001, new Map([[1, 5]])],
]

describe('the journal format', () => {
  it('gives back every record that was written, in order', () => {
    fc.assert(
      fc.property(anyRecords, records => {
        expect(read(encode(KEY, records))).to.deep.equal({
          pairs: pairsOf(records),
          isDamaged: false,
          records: records.length,
        })
      }),
    )
  })

  it('takes a record of more pairs than its buffer had room for', () => {
    const records: TickRecord[] = [[9, new Map(Array.from({ length: 50_000 }, (_, id) => [id + 1, id + 7]))]]
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
    for (const between of ['x', 'tick', 'ticktick', '\0'.repeat(100), 'tic'])
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
      expect(read(content, other)).to.deep.equal({ pairs: pairsOf(RECORDS), isDamaged: true, records: 4 })
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

/** Offsets behind each record. */
function recordEnds(records: readonly TickRecord[]): number[] {
  let end = FILE_HEADER_BYTES
  return records.map(([, { size }]) => (end += RECORD_HEADER_BYTES + MINUTE_BYTES + size * PAIR_BYTES))
}
