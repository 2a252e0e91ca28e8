import { expect } from 'chai'
import { CONDITIONS } from '../../lib/memory/conditions.ts'
import {
  CONTROL,
  DURATION_BUCKETS,
  HALF_COUNT,
  KNOWN_KEY_WORDS,
  KNOWN_KEYS,
  KNOWN_KEYS_PER_BUCKET,
  LATENCY_BUCKETS,
  LATENCY_WINDOWS,
  LIMITS_PER_BUCKET,
  MINUTES_PER_HALF,
  NOTES_PER_BUCKET,
  NUMBER,
  PART,
  RATE_SECONDS,
  RATE_WORDS,
  ROUTE_KINDS,
  SAMPLE_SECONDS,
  SAMPLE_WORDS,
  type SharedMemoryShape,
  SLOT_WORDS,
  TEXT_BYTES,
  TEXT_HEADER_WORDS,
  TEXTS,
  THREAD_NUMBER,
} from '../../lib/memory/layout.ts'
import { SALT, SALT_COUNT } from '../../lib/memory/salt.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { CLASSES } from '../../lib/rows/classes.ts'

const MIB = 2 ** 20
const LINE_BYTES = 64

interface Field {
  readonly name: string
  readonly start: number
  readonly bytes: number
}

describe('layout', () => {
  for (const maxBanners of [1, 2, 1000, 131_072])
    it(`gives every field bytes of its own, for ${maxBanners} banners and 1 to 8 threads`, () => {
      for (let threadCount = 1; threadCount <= 8; threadCount++)
        expectApart(SharedMemory.create({ threadCount, maxBanners }))
    })

  for (const settings of [
    { duplicateWindowMs: 1000 },
    { clientClicksPerMinute: 60 },
    { duplicateWindowMs: 60_000, clientClicksPerMinute: 60 },
  ])
    it(`gives every field bytes of its own with ${JSON.stringify(settings)}`, () => {
      expectApart(SharedMemory.create({ threadCount: 3, maxBanners: 10, ...settings }))
    })

  it('holds no notes and no limits without their settings', () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
    expect([memory.noteCount, memory.limitCount]).to.deep.equal([0, 0])
    const off = SharedMemory.create({
      threadCount: 1,
      maxBanners: 1,
      duplicateWindowMs: 0,
      clientClicksPerMinute: 0,
    })
    expect(off.u8.byteLength).to.equal(memory.u8.byteLength)
  })

  for (const [seconds, kibibytes] of [
    [1, 256],
    [10, 2048],
    [26, 4096],
    [27, 8192],
    [60, 16_384],
  ] as const)
    it(`has ${kibibytes} KiB of notes for a window of ${seconds} s, twice those of 20 000 clicks a second`, () => {
      const { noteCount } = SharedMemory.create({
        threadCount: 1,
        maxBanners: 1,
        duplicateWindowMs: 1000 * seconds,
      })
      expect((noteCount * 4) / 1024).to.equal(kibibytes)
      expect(noteCount).to.be.at.least(2 * 20_000 * seconds)
    })

  it('has notes and limits in buckets that are cache lines', () => {
    const memory = SharedMemory.create({
      threadCount: 3,
      maxBanners: 10,
      duplicateWindowMs: 1000,
      clientClicksPerMinute: 1,
    })
    expect([(memory.notesIndex * 4) % LINE_BYTES, (memory.limitsIndex * 8) % LINE_BYTES]).to.deep.equal([
      0, 0,
    ])
    expect([NOTES_PER_BUCKET * 4, LIMITS_PER_BUCKET * 8]).to.deep.equal([LINE_BYTES, LINE_BYTES])
    expect([
      (memory.knownKeysIndex * 4) % LINE_BYTES,
      KNOWN_KEYS_PER_BUCKET * KNOWN_KEY_WORDS * 4,
    ]).to.deep.equal([0, LINE_BYTES])
  })

  it('keeps what different threads write on different cache lines', () => {
    const memory = SharedMemory.create({ threadCount: 8, maxBanners: 1 })
    const owners = new Map<number, string>()
    const own = (owner: string, fields: readonly Field[]) => {
      for (const { name, start, bytes } of fields)
        for (let line = Math.floor(start / LINE_BYTES); line * LINE_BYTES < start + bytes; line++) {
          expect(owners.get(line) ?? owner, `the line of ${name}`).to.equal(owner)
          owners.set(line, owner)
        }
    }
    own(
      'all',
      controlFields(memory).filter(field => field.name.startsWith('control')),
    )
    own(
      'main',
      controlFields(memory).filter(field => !field.name.startsWith('control')),
    )
    for (let thread = 0; thread < 8; thread++)
      own(
        `thread ${thread}`,
        threadFields(memory).filter(field => field.name.startsWith(`thread ${thread}`)),
      )
    own('ring', ringFields(memory))
  })

  it('has a word for the banner and one for each class in a slot, which lies within one cache line', () => {
    expect(SLOT_WORDS).to.equal(1 + CLASSES.length)
    const memory = SharedMemory.create({ threadCount: 3, maxBanners: 1000 })
    for (let half = 0; half < HALF_COUNT; half++)
      for (let part = 0; part < MINUTES_PER_HALF; part++)
        for (let slot = 0; slot < memory.slotCount; slot++) {
          const start = 4 * (memory.slotsIndex(memory.partIndex(half, part)) + slot * SLOT_WORDS)
          const lastByte = start + 4 * SLOT_WORDS - 1
          expect(Math.floor(start / LINE_BYTES)).to.equal(Math.floor(lastByte / LINE_BYTES))
        }
  })

  it('has a power of two of slots for a minute, a third of them free at the least', () => {
    for (const maxBanners of [1, 2, 3, 10, 11, 12, 43, 44, 1000, 65_536, 131_072, 1_000_003]) {
      const { slotCount } = SharedMemory.create({ threadCount: 1, maxBanners })
      expect(Number.isInteger(Math.log2(slotCount)), `${slotCount} is a power of two`).to.equal(true)
      expect(slotCount, `${maxBanners} banners`).to.be.at.least(1.5 * maxBanners)
      expect(slotCount, `${maxBanners} banners`).to.be.at.most(Math.max(16, 3 * maxBanners))
    }
  })

  const sizes: [shape: SharedMemoryShape, mebibytes: number][] = [
    [{ threadCount: 1, maxBanners: 1 }, 1],
    [{ threadCount: 1, maxBanners: 131_072 }, 33],
    [{ threadCount: 8, maxBanners: 131_072 }, 33],
    [{ threadCount: 1, maxBanners: 1_000_000 }, 257],
  ]
  for (const [shape, mebibytes] of sizes)
    it(`takes ${mebibytes} MiB for ${shape.threadCount} threads and ${shape.maxBanners} banners`, () => {
      expect(Math.round(SharedMemory.create(shape).u8.byteLength / MIB)).to.equal(mebibytes)
    })

  it('is the same for a thread that gets the handle', () => {
    const memory = SharedMemory.create({ threadCount: 3, maxBanners: 100 })
    const other = new SharedMemory(structuredClone(memory.handle))
    expect(fieldsOf(other)).to.deep.equal(fieldsOf(memory))
    memory.i32[memory.presenceIndex(2)] = 42
    expect(other.i32[other.presenceIndex(2)]).to.equal(42)
  })

  it('starts with generation 1, seeds of its own, and nothing else', () => {
    const { i32 } = SharedMemory.create({ threadCount: 2, maxBanners: 10 })
    expect(i32[CONTROL.generation]).to.equal(1)
    const other = SharedMemory.create({ threadCount: 2, maxBanners: 10 })
    for (const seed of [CONTROL.hashSeed, CONTROL.keySeedHigh, CONTROL.keySeedLow]) {
      expect(i32[seed]).to.not.equal(other.i32[seed])
      i32[seed] = 0
    }
    expect(i32.reduce((sum, word) => sum + Math.abs(word), 0)).to.equal(1)
  })
})

/** No field begins before the one ahead of it has ended, and the last one ends within the buffer. */
function expectApart(memory: SharedMemory): void {
  let last = { name: 'the start', end: 0 }
  for (const { name, start, bytes } of fieldsOf(memory).sort((a, b) => a.start - b.start)) {
    expect(start, `${name}, which follows ${last.name}`).to.be.at.least(last.end)
    last = { name, end: start + bytes }
  }
  expect(last.end, last.name).to.be.at.most(memory.u8.byteLength)
}

function fieldsOf(memory: SharedMemory): Field[] {
  return [...controlFields(memory), ...threadFields(memory), ...clientFields(memory), ...ringFields(memory)]
}

function controlFields(memory: SharedMemory): Field[] {
  const textBytes = TEXT_HEADER_WORDS * 4 + TEXT_BYTES
  return [
    ...keysOf(CONTROL).map(name => i32Field(`control ${name}`, CONTROL[name])),
    ...keysOf(NUMBER).map(name => f64Field(`number ${name}`, memory.numberIndex(name))),
    ...CONDITIONS.map(name => f64Field(`condition ${name}`, memory.conditionSinceIndex(name))),
    ...TEXTS.map(name => i32Field(`text ${name}`, memory.textIndex(name), textBytes / 4)),
    durationsField('flush durations', memory.flushDurationsIndex),
    fieldAt('samples', memory.samplesIndex * 8, SAMPLE_SECONDS * SAMPLE_WORDS * 8),
  ]
}

function threadFields(memory: SharedMemory): Field[] {
  return Array.from({ length: memory.threadCount }, (_, thread) => [
    i32Field(`thread ${thread} presence`, memory.presenceIndex(thread)),
    ...keysOf(THREAD_NUMBER).map(name =>
      f64Field(`thread ${thread} ${name}`, memory.threadNumberIndex(thread, name)),
    ),
    ...ROUTE_KINDS.map(kind =>
      durationsField(`thread ${thread} ${kind} durations`, memory.answerDurationsIndex(thread, kind)),
    ),
    i32Field(`thread ${thread} rates`, memory.ratesIndex(thread), RATE_SECONDS * RATE_WORDS),
    ...ROUTE_KINDS.map(kind =>
      i32Field(
        `thread ${thread} ${kind} latencies`,
        memory.latenciesIndex(thread, kind),
        LATENCY_WINDOWS * (1 + LATENCY_BUCKETS),
      ),
    ),
  ]).flat()
}

function clientFields(memory: SharedMemory): Field[] {
  return [
    i32Field('salts edition', memory.saltEditionIndex),
    ...Array.from({ length: SALT_COUNT }, (_, salt) => [
      i32Field(`salt ${salt} high`, memory.saltIndex(salt) + SALT.high),
      i32Field(`salt ${salt} low`, memory.saltIndex(salt) + SALT.low),
      f64Field(`salt ${salt} changedAtMs`, (memory.saltIndex(salt) + SALT.changedAtMs) / 2),
    ]).flat(),
    ...(memory.noteCount === 0
      ? []
      : [
          i32Field('swept from', memory.sweptFromIndex),
          i32Field('notes', memory.notesIndex, memory.noteCount),
        ]),
    fieldAt('known keys', memory.knownKeysIndex * 4, KNOWN_KEYS * KNOWN_KEY_WORDS * 4),
    ...(memory.limitCount === 0 ? [] : [fieldAt('limits', memory.limitsIndex * 8, memory.limitCount * 8)]),
  ]
}

function ringFields(memory: SharedMemory): Field[] {
  const fields: Field[] = []
  for (let half = 0; half < HALF_COUNT; half++)
    for (let part = 0; part < MINUTES_PER_HALF; part++) {
      const header = memory.partIndex(half, part)
      for (const name of keysOf(PART))
        fields.push(i32Field(`half ${half} part ${part} ${name}`, header + PART[name]))
      const slots = memory.slotsIndex(header)
      fields.push(i32Field(`half ${half} part ${part} slots`, slots, memory.slotCount * SLOT_WORDS))
    }
  return fields
}

function i32Field(name: string, index: number, words = 1): Field {
  return fieldAt(name, index * 4, words * 4)
}

function f64Field(name: string, index: number): Field {
  return fieldAt(name, index * 8, 8)
}

function durationsField(name: string, index: number): Field {
  return fieldAt(name, index * 8, (1 + DURATION_BUCKETS) * 8)
}

/** An index that is no whole number is a field that is not aligned. */
function fieldAt(name: string, start: number, bytes: number): Field {
  expect(Number.isInteger(start) && (start % Math.min(bytes, 8)) % 4 === 0, `${name} is aligned`).to.equal(
    true,
  )
  return { name, start, bytes }
}

function keysOf<T extends object>(object: T): (keyof T)[] {
  return Object.keys(object) as (keyof T)[]
}
