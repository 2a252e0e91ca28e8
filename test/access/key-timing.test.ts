import { expect } from 'chai'
import { makeKeyText } from '../../lib/access/key-text.ts'
import { accessOf, newKey, snapshotOf } from '../support/keys.ts'

const PAIRS = 201
const CALLS = 400
const TEXTS = 64

const key = newKey(['read'])

/** Wrong texts of the length of a key, of which `commonLength` characters are those of the key. */
function textsWithPrefix(commonLength: number): string[] {
  return Array.from({ length: TEXTS }, () => {
    const other = makeKeyText()
    const wrong = other[commonLength] === key.text[commonLength] ? '-' : other[commonLength]!
    const text = key.text.slice(0, commonLength) + wrong + other.slice(commonLength + 1)
    // A text in one piece. One that is put together from pieces would take another time to read.
    return Buffer.from(text).toString('latin1')
  })
}

const near = textsWithPrefix(key.text.length - 1)
const far = textsWithPrefix('cck_'.length)

function timeOf(find: (text: string) => unknown, texts: readonly string[]): number {
  const startedAtMs = performance.now()
  for (let call = 0; call < CALLS; call++) find(texts[call % TEXTS]!)
  return performance.now() - startedAtMs
}

/** How long texts take that begin like the key, in parts of the time that others take. */
function ratioOf(find: (text: string) => unknown): number {
  // Both alike, so that neither meets code that is not compiled yet.
  for (let round = 0; round < 50; round++) timeOf(find, round % 2 === 0 ? near : far)
  const ratios = Array.from({ length: PAIRS }, (_, pair) => {
    // In turns, because the second of two may be faster.
    if (pair % 2 === 0) return timeOf(find, near) / timeOf(find, far)
    const farTime = timeOf(find, far)
    return timeOf(find, near) / farTime
  })
  return ratios.sort((a, b) => a - b)[PAIRS >> 1]!
}

/** What nobody should do. */
function findNaively(text: string): boolean {
  for (let at = 0; at < key.text.length; at++) if (text[at] !== key.text[at]) return false
  return true
}

describe('the time in which a wrong key is refused', () => {
  it('is the same, however much of a real key it begins with', () => {
    const { keyring } = accessOf()
    keyring.replace(snapshotOf([key]))
    expect(ratioOf(text => keyring.find(text))).to.be.within(0.9, 1.1)
  })

  it('would be found to differ, if texts were compared until they differ', () => {
    expect(ratioOf(findNaively)).to.be.above(1.5)
  })
})
