import { addressWords, readAddress } from './address-words.ts'

const WORD_BITS = 32n

/** A range of one family: its first and its last address, as numbers. */
interface Range {
  readonly first: bigint
  last: bigint
}

/**
 * The ranges of one family for `RangeTable`, in shared memory: sorted, and those that overlap or touch made one. Each is a
 * canonical address with or without the length of its prefix, as `parseRange` returns it.
 */
export function packRanges(ranges: readonly string[], wordCount: number): Uint32Array {
  const merged = mergedRanges(ranges.map(range => rangeOf(range, wordCount)))
  const packed = new Uint32Array(new SharedArrayBuffer(merged.length * 2 * wordCount * 4))
  merged.forEach(({ first, last }, index) => {
    const from = index * 2 * wordCount
    putWords(packed, from, first, wordCount)
    putWords(packed, from + wordCount, last, wordCount)
  })
  return packed
}

function rangeOf(range: string, wordCount: number): Range {
  const [address, length] = range.split('/') as [string, string?]
  readAddress(address)
  let first = 0n
  for (const word of addressWords.subarray(0, wordCount)) first = (first << WORD_BITS) | BigInt(word)
  const bits = wordCount * Number(WORD_BITS)
  const hostBits = BigInt(bits - Number(length ?? bits))
  return { first, last: first + (1n << hostBits) - 1n }
}

function mergedRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: Range[] = []
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    const before = merged.at(-1)
    if (before === undefined || range.first > before.last + 1n) merged.push(range)
    else if (range.last > before.last) before.last = range.last
  }
  return merged
}

function putWords(packed: Uint32Array, index: number, number: bigint, wordCount: number): void {
  for (let word = wordCount - 1; word >= 0; word--) {
    packed[index + word] = Number(BigInt.asUintN(Number(WORD_BITS), number))
    number >>= WORD_BITS
  }
}
