/** What tells a client in tables: a keyed hash of 64 bits, as two int32. */
export interface ClientKey {
  readonly high: number
  readonly low: number
}

/**
 * HalfSipHash-2-4 with 64 bits of output, by Jean-Philippe Aumasson and Daniel J. Bernstein
 * (https://github.com/veorq/SipHash). Who does not know the salt can neither find texts with the same key nor, from a
 * key, a text. Each UTF-16 code unit of the text counts as two bytes, the low one first. It takes the salt as two
 * int32, and keeps its state in local numbers, because it is to take a fraction of a microsecond.
 */
export function clientKeyOf(text: string, saltHigh: number, saltLow: number): ClientKey {
  let v0 = saltLow
  let v1 = saltHigh ^ 0xee
  let v2 = 0x6c796765 ^ saltLow
  let v3 = 0x74656462 ^ saltHigh
  const { length } = text
  const round = () => {
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
  const take = (word: number) => {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }
  for (let at = 0; at + 1 < length; at += 2) take(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16))
  const rest = length % 2 === 1 ? text.charCodeAt(length - 1) : 0
  take(((2 * length) << 24) | rest)
  v2 ^= 0xee
  for (let rounds = 0; rounds < 4; rounds++) round()
  const low = v1 ^ v3
  v1 ^= 0xdd
  for (let rounds = 0; rounds < 4; rounds++) round()
  return { high: v1 ^ v3, low }
}
