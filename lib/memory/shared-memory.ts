import { newSeed } from '../base/seeded-hash.ts'
import { CONDITIONS, type Condition } from './conditions.ts'
import {
  CONTROL,
  LINE_BYTES,
  MINUTES_PER_HALF,
  NUMBER,
  offsetsOf,
  ROUTE_KINDS,
  type RouteKind,
  type SharedMemoryShape,
  TEXT_BYTES,
  TEXT_HEADER_WORDS,
  TEXTS,
  type TextName,
  THREAD_NUMBER,
} from './layout.ts'
import { SALT_COUNT, SALT_WORDS } from './salt.ts'

/** What is sent to a thread. The thread makes its SharedMemory from it. */
export interface SharedMemoryHandle extends SharedMemoryShape {
  readonly buffer: SharedArrayBuffer
}

/** The buffer, its views, and where each field lies. An index counts words of the view that it is for. */
export class SharedMemory {
  readonly handle: SharedMemoryHandle
  readonly threadCount: number
  readonly maxBanners: number
  /** Slots of one part: a power of two. At least a third of them are free, so that probes stay short. */
  readonly slotCount: number
  /** 0: no duplicates are told from other clicks. */
  readonly duplicateWindowMs: number
  /** Notes that the table of duplicates has words for: a power of two, or 0. */
  readonly noteCount: number
  /** Clients that the limits have words for: a power of two, or 0. */
  readonly limitCount: number
  readonly i32: Int32Array
  readonly f64: Float64Array
  readonly u8: Uint8Array
  readonly #offsets: ReturnType<typeof offsetsOf>

  constructor(handle: SharedMemoryHandle) {
    this.handle = handle
    this.threadCount = handle.threadCount
    this.maxBanners = handle.maxBanners
    this.#offsets = offsetsOf(handle)
    this.slotCount = this.#offsets.slotCount
    this.duplicateWindowMs = handle.duplicateWindowMs ?? 0
    this.noteCount = this.#offsets.noteCount
    this.limitCount = this.#offsets.limitCount
    this.i32 = new Int32Array(handle.buffer)
    this.f64 = new Float64Array(handle.buffer)
    this.u8 = new Uint8Array(handle.buffer)
  }

  static create(shape: SharedMemoryShape): SharedMemory {
    const buffer = new SharedArrayBuffer(offsetsOf(shape).totalBytes)
    const memory = new SharedMemory({ ...shape, buffer })
    Atomics.store(memory.i32, CONTROL.generation, 1)
    for (const seed of [CONTROL.hashSeed, CONTROL.keySeedHigh, CONTROL.keySeedLow])
      Atomics.store(memory.i32, seed, newSeed())
    return memory
  }

  /** f64 index of a service-wide number. */
  numberIndex(name: keyof typeof NUMBER): number {
    return this.#offsets.numbersBytes / 8 + NUMBER[name]
  }

  /** i32 index of a text's version word; its length word and its bytes follow. */
  textIndex(name: TextName): number {
    return (this.#offsets.textsBytes + TEXTS.indexOf(name) * (TEXT_HEADER_WORDS * 4 + TEXT_BYTES)) / 4
  }

  /** f64 index of the time when a condition was raised, in milliseconds since the epoch. */
  conditionSinceIndex(name: Condition): number {
    return this.#offsets.conditionsBytes / 8 + CONDITIONS.indexOf(name)
  }

  /** i32 index of the newest generation of a half that a thread died in. */
  brokenGenerationIndex(half: number): number {
    return half === 0 ? CONTROL.brokenGeneration0 : CONTROL.brokenGeneration1
  }

  /** f64 index of the flushes' durations. */
  get flushDurationsIndex(): number {
    return this.#offsets.flushesBytes / 8
  }

  /** f64 index of the first sample. */
  get samplesIndex(): number {
    return this.#offsets.samplesBytes / 8
  }

  /** i32 index of a thread's presence word. */
  presenceIndex(threadIndex: number): number {
    return this.#threadBytes(threadIndex) / 4
  }

  /** f64 index of a thread's number. */
  threadNumberIndex(threadIndex: number, name: keyof typeof THREAD_NUMBER): number {
    return (this.#threadBytes(threadIndex) + LINE_BYTES) / 8 + THREAD_NUMBER[name]
  }

  /** f64 index of the durations of a thread's answers of one kind. */
  answerDurationsIndex(threadIndex: number, kind: RouteKind): number {
    const { durationsInThreadBytes, durationsBytes } = this.#offsets
    const kindBytes = ROUTE_KINDS.indexOf(kind) * durationsBytes
    return (this.#threadBytes(threadIndex) + durationsInThreadBytes + kindBytes) / 8
  }

  /** i32 index of a thread's rates. */
  ratesIndex(threadIndex: number): number {
    return (this.#threadBytes(threadIndex) + this.#offsets.ratesInThreadBytes) / 4
  }

  /** i32 index of a thread's latency windows of one kind. */
  latenciesIndex(threadIndex: number, kind: RouteKind): number {
    const { latenciesInThreadBytes, latenciesBytes } = this.#offsets
    const kindBytes = ROUTE_KINDS.indexOf(kind) * latenciesBytes
    return (this.#threadBytes(threadIndex) + latenciesInThreadBytes + kindBytes) / 4
  }

  /** i32 index of the word that says which salt is the present one: an edition. */
  get saltEditionIndex(): number {
    return this.#offsets.saltsBytes / 4
  }

  /** i32 index of the salt of an edition. */
  saltIndex(edition: number): number {
    return (this.#offsets.saltsBytes + LINE_BYTES) / 4 + (edition % SALT_COUNT) * SALT_WORDS
  }

  /** i32 index of the quantum in which the last whole sweep over the notes began. */
  get sweptFromIndex(): number {
    return this.#offsets.duplicatesBytes / 4
  }

  /** i32 index of the first note. */
  get notesIndex(): number {
    return (this.#offsets.duplicatesBytes + LINE_BYTES) / 4
  }

  /** i64 index of the first client's word among the limits. */
  get limitsIndex(): number {
    return this.#offsets.limitsBytes / 8
  }

  /** i32 index of the first key of a bulk. */
  get knownKeysIndex(): number {
    return this.#offsets.knownKeysBytes / 4
  }

  /** i32 index of a minute part's header in a half. */
  partIndex(half: number, part: number): number {
    return (this.#offsets.ringBytes + (half * MINUTES_PER_HALF + part) * this.#offsets.partBytes) / 4
  }

  /** i32 index of the first slot of the part whose header lies at `partIndex`. */
  slotsIndex(partIndex: number): number {
    return partIndex + LINE_BYTES / 4
  }

  #threadBytes(threadIndex: number): number {
    return this.#offsets.threadsBytes + threadIndex * this.#offsets.threadBytes
  }
}
