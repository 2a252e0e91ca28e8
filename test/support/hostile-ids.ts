/** Banner ids that a stranger can compute if a hash has no seed: they all fall on one place of its table, or on few. */

/** Against V8's Map of numbers: the lower 14 bits of their hashes are 0. */
export function hostileToMaps(count: number): number[] {
  return positive(count, nth => idOfMapHash(nth << 14))
}

/** Against Fibonacci hashing of banner and minute, which uses the upper bits. */
export function hostileToFibonacci(count: number, minute: number): number[] {
  const inverse = inverseOf(0x9e3779b1)
  return positive(count, nth => Math.imul(Math.imul(nth, inverse) ^ minute, inverse))
}

/** Against lib/base/seeded-hash.ts, by somebody who knows the seed. */
export function hostileToHash(count: number, seed: number): number[] {
  const inverse = (hash: number) =>
    Math.imul(unfolded(Math.imul(hash, inverseOf(0xc2b2ae35)), 13), inverseOf(0x85ebca6b)) ^ seed
  return positive(count, inverse)
}

function positive(count: number, idOf: (nth: number) => number): number[] {
  const ids: number[] = []
  for (let nth = 0; ids.length < count; nth++) {
    const id = idOf(nth)
    if (id > 0) ids.push(id)
  }
  return ids
}

/** The steps of V8's ComputeUnseededHash, in reverse. */
function idOfMapHash(hash: number): number {
  let id = unfolded(hash, 16)
  id = Math.imul(id, inverseOf(2057))
  id = unfolded(id, 4)
  id = Math.imul(id, inverseOf(5))
  id = unfolded(id, 12)
  return Math.imul(id + 1, inverseOf(2 ** 15 - 1))
}

/** The x of a known x ^ (x >>> bits). */
function unfolded(folded: number, bits: number): number {
  let x = folded
  for (let known = bits; known < 32; known += bits) x = folded ^ (x >>> bits)
  return x
}

/** The inverse of an odd number modulo 2^32. Each of Newton's steps doubles the number of right bits. */
function inverseOf(odd: number): number {
  let inverse = odd
  for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse))
  return inverse
}
