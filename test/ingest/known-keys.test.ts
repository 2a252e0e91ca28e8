import { mock } from 'node:test'
import { expect } from 'chai'
import { KnownKeys } from '../../lib/ingest/known-keys.ts'
import { CONTROL, KNOWN_KEY_WORDS, KNOWN_KEYS, KNOWN_KEYS_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

const DAY_MS = 86_400_000
const MIDNIGHT_MS = 20_000 * DAY_MS
const FINGERPRINT = '0123456789abcdef0011223344556677'
const OTHER = 'fedcba98765432100011223344556677'

describe('KnownKeys', () => {
  let memory: SharedMemory
  let clock: { nowMs: number }
  let keys: KnownKeys
  beforeEach(() => {
    memory = SharedMemory.create({ threadCount: 2, maxBanners: 1 })
    clock = { nowMs: MIDNIGHT_MS }
    keys = new KnownKeys(memory, () => clock.nowMs)
  })

  it('remembers half of the fingerprint with the key, in all threads', () => {
    keys.note({ key: 'a', fingerprint: FINGERPRINT })
    const other = new KnownKeys(new SharedMemory(memory.handle), () => clock.nowMs)
    expect(other.find('a')).to.equal('0123456789abcdef')
    expect(other.find('b')).to.equal(null)
    expect(other.find('')).to.equal(null)
  })

  it('keeps the first content of a key', () => {
    for (const fingerprint of [FINGERPRINT, OTHER, FINGERPRINT]) keys.note({ key: 'a', fingerprint })
    expect(keys.find('a')).to.equal(FINGERPRINT.slice(0, 16))
    expect(usedWords()).to.be.at.most(KNOWN_KEY_WORDS)
  })

  it('finds its own content or none when another thread takes its place at that moment', () => {
    const { load } = Atomics
    for (let nth = 1; nth <= 12; nth++) {
      memory.i32.fill(0, memory.knownKeysIndex)
      keys.note({ key: 'a', fingerprint: FINGERPRINT })
      const place = memory.i32.findIndex((word, index) => index >= memory.knownKeysIndex && word !== 0)
      let loads = 0
      const loading = mock.method(Atomics, 'load', (array: Int32Array, index: number) => {
        if (++loads === nth) memory.i32.set([1, 2, 3, 4], place)
        return load(array, index)
      })
      const found = keys.find('a')
      loading.mock.restore()
      expect(found, `taken before load ${nth}`).to.be.oneOf([null, FINGERPRINT.slice(0, 16)])
    }
  })

  it('remembers no key for longer than its day, in UTC', () => {
    keys.note({ key: 'a', fingerprint: FINGERPRINT })
    clock.nowMs += DAY_MS - 1
    expect(keys.find('a')).not.to.equal(null)
    clock.nowMs += 1
    expect(keys.find('a')).to.equal(null)
    keys.note({ key: 'a', fingerprint: OTHER })
    expect(keys.find('a')).to.equal(OTHER.slice(0, 16))
  })

  it('takes no more memory and mistakes no key, however many come', () => {
    const bytes = memory.u8.byteLength
    const nth = (number: number) => ({
      key: `key-${number}`,
      fingerprint: number.toString(16).padStart(16, '0').padEnd(32, 'f'),
    })
    const count = 1.5 * KNOWN_KEYS
    for (let number = 0; number < count; number++) keys.note(nth(number))
    let known = 0
    const mistaken: string[] = []
    for (let number = 0; number < count; number++) {
      const { key, fingerprint } = nth(number)
      const found = keys.find(key)
      if (found !== null) known++
      if (found !== null && !fingerprint.startsWith(found)) mistaken.push(key)
      if (keys.find(`${key}x`) !== null) mistaken.push(`${key}x`)
    }
    expect(mistaken).to.deep.equal([])
    expect(known)
      .to.be.above(KNOWN_KEYS * 0.75)
      .and.at.most(KNOWN_KEYS)
    expect(memory.u8.byteLength).to.equal(bytes)
    expect(usedWords()).to.be.at.most(KNOWN_KEYS * KNOWN_KEY_WORDS)
  })

  it('finds nothing in a place that another thread is writing', () => {
    const { i32, knownKeysIndex } = memory
    keys.note({ key: 'a', fingerprint: FINGERPRINT })
    const at = i32.findIndex((word, index) => index >= knownKeysIndex && word !== 0)
    const before = i32.slice(at, at + KNOWN_KEY_WORDS)
    i32.fill(0, at, at + KNOWN_KEY_WORDS)
    keys.note({ key: 'a', fingerprint: OTHER })
    const after = i32.slice(at, at + KNOWN_KEY_WORDS)
    // The words come one by one, and are read one by one.
    for (let words = 1; words < KNOWN_KEY_WORDS; words++) {
      i32.set([...after.slice(0, words), ...before.slice(words)], at)
      expect(keys.find('a'), `${words} words`).to.equal(null)
    }
    i32.set(after, at)
    expect(keys.find('a')).to.equal(OTHER.slice(0, 16))
  })

  it('places keys by a seed that nobody knows', () => {
    const places = (seed: number) => {
      memory.i32[CONTROL.keySeedLow] = seed
      memory.i32.fill(0, memory.knownKeysIndex, memory.knownKeysIndex + KNOWN_KEYS * KNOWN_KEY_WORDS)
      keys.note({ key: 'a', fingerprint: FINGERPRINT })
      const bucketWords = KNOWN_KEYS_PER_BUCKET * KNOWN_KEY_WORDS
      const index = memory.i32.findIndex((word, at) => at >= memory.knownKeysIndex && word !== 0)
      return Math.floor((index - memory.knownKeysIndex) / bucketWords)
    }
    expect(new Set([1, 2, 3, 4, 5].map(places)).size).to.be.above(2)
  })

  function usedWords(): number {
    const words = memory.i32.subarray(
      memory.knownKeysIndex,
      memory.knownKeysIndex + KNOWN_KEYS * KNOWN_KEY_WORDS,
    )
    return words.reduce((used, word) => used + (word === 0 ? 0 : 1), 0)
  }
})
