/** What tells a client in tables: a keyed hash of 64 bits, as two int32. */
export interface ClientKey {
  readonly high: number
  readonly low: number
}

/**
 * HalfSipHash-2-4 with 64 bits of output, by Jean-Philippe Aumasson and Daniel J. Bernstein
 * (https://github.com/veorq/SipHash). Who does not know the salt can neither find texts with the same key nor, from a
 * key, a text. Each UTF-16 code unit of the text counts as two bytes, the low one first.
 *
 * Each step takes one word of the text, and the last two steps take none. The round is written once, in local numbers:
 * with a function for it, a key takes twice as long.
 */
export function clientKeyOf(text: string, saltHigh: number, saltLow: number): ClientKey {
  let v0 = saltLow
  let v1 = saltHigh ^ 0xee
  let v2 = 0x6c796765 ^ saltLow
  let v3 = 0x74656462 ^ saltHigh
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
