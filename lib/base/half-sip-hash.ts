/** 64 bits, as two int32. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/**
 * HalfSipHash-2-4 with 64 bits of output, by Jean-Philippe Aumasson and Daniel J. Bernstein
 * (https://github.com/veorq/SipHash). Who does not know the seed can neither find texts with the same hash nor, from a
 * hash, a text. Each UTF-16 code unit of the text counts as two bytes, the low one first.
 *
 * Each step takes one word of the text, and the last two steps take none. The round is written once, in local numbers:
 * with a function for it, a hash takes twice as long.
 */
export function halfSipHash(text: string, seedHigh: number, seedLow: number): Hash64 {
  let v0 = seedLow
  let v1 = seedHigh ^ 0xee
  let v2 = 0x6c796765 ^ seedLow
  let v3 = 0x74656462 ^ seedHigh
  let low = 0
  const words = (text.length >> 1) + 1
  for (let step = 0; step < words + 2; step++) {
    const word = step < words ? wordAt(text, step) : 0
    v3 ^= word
    for (let rounds = step < words ? 2 : 4; rounds > 0; rounds--) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    v0 ^= word
    if (step === words - 1) v2 ^= 0xee
    else if (step === words) {
      low = v1 ^ v3
      v1 ^= 0xdd
    }
  }
  return { high: v1 ^ v3, low }
}

/** Two code units, or in the last word what is left and the length in bytes. */
function wordAt(text: string, word: number): number {
  const at = 2 * word
  if (at + 1 < text.length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
  return (at < text.length ? text.charCodeAt(at) : 0) | ((2 * text.length) << 24)
}
