import { expect } from 'chai'
import { halfSipHash } from '../../lib/base/half-sip-hash.ts'

/** Bytes 00, 01, 02, … of the salt, and so many of the text: its authors' vectors of even lengths, 8 bytes each. */
const VECTORS = [
  '218d1f59b9b83cc8',
  '064f39ef7c50eb57',
  'd5e78a175be52ea1',
  'ce3e91358aa2bc25',
  'edfee820bce4858c',
  '95b0469f06a6f2ee',
  '7bc71f9faef5c799',
  '3bb1a870eae8e658',
  '7336aad25f7bf3b5',
  'c9b2db2b9a3e42f9',
  '1bf52b0a6feea7db',
  'e20103fa1ba776ef',
  '70741045ae3fa6f1',
  '0d899ed8112923f0',
  '2d925ffb1e0016b5',
  '291aaf864898179d',
  '28709d46d811626c',
  '8324e4d7528f9830',
  '86d67a40ec4276dc',
  'cbd92ee724d42109',
  '5b38c81c67c8ae4c',
  'a91a52c025327024',
  '1e30f3ad27dcb15a',
  '495c0f995557dc38',
  'a9eaa8c04ba93e3e',
  '912d568fd8f65a49',
  '02445a7998f550e1',
  '359569e7d289e3bc',
  'a1a492f942f15f1d',
  '5d1b5ea1b231d89d',
  'd6762890bf26e460',
  'f90b3ab572d46693',
]

describe('halfSipHash', () => {
  it('is HalfSipHash-2-4 with 64 bits, by the vectors of its authors', () => {
    const found = VECTORS.map((_, pairs) => bytesOf(halfSipHash(countingText(pairs), 0x07060504, 0x03020100)))
    expect(found).to.deep.equal(VECTORS)
  })

  it('tells texts apart that differ in one bit, in the length, or in the upper half of a code unit', () => {
    const texts = ['', '\0', '\0\0', '\0\0\0', 'a', 'b', 'a\0', 'aa', 'āa', 'a'.repeat(127), 'a'.repeat(128)]
    expect(new Set(texts.map(text => bytesOf(halfSipHash(text, 1, 2)))).size).to.equal(texts.length)
  })

  it('depends on each half of the salt', () => {
    const salts = [
      [0, 0],
      [1, 0],
      [0, 1],
      [-1, 0],
    ] as const
    const keys = salts.map(([high, low]) => bytesOf(halfSipHash('192.0.2.1 Mozilla/5.0', high, low)))
    expect(new Set(keys).size).to.equal(salts.length)
  })
})

function countingText(pairs: number): string {
  return String.fromCharCode(...Array.from({ length: pairs }, (_, pair) => 2 * pair + 256 * (2 * pair + 1)))
}

/** Of the number, the low byte first. */
function bytesOf({ high, low }: { high: number; low: number }): string {
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(low)
  bytes.writeInt32LE(high, 4)
  return bytes.toString('hex')
}
