import { type ByClass, CLASSES } from '../rows/classes.ts'
import { CONDITIONS } from './conditions.ts'
import { SALT_COUNT, SALT_WORDS } from './salt.ts'

/**
 * The shared memory, described like a file format. Every offset is derived here. All other modules use the
 * names below and the views and indices of SharedMemory.
 *
 * It is one SharedArrayBuffer with regions in this order, with one thread region for each request thread.
 * Each region begins on a cache line (64 bytes) of its own, because two threads that write to one line slow
 * each other down.
 *
 * `i32` fields are read and written with Atomics unless the table says otherwise. `f64` fields hold whole
 * numbers up to 2^53, times in milliseconds, or figures of a sample. Each has one writer at a time, which stores
 * plainly: an aligned store of 8 bytes does not tear on the 64-bit platforms that Node runs on. A seq-cst store
 * that follows publishes them: a thread's to `presence`, main's to `booksVersion` or `samplesVersion`. In the
 * table, the worker is the flush worker, CAS is compareExchange, and `readers + 0` means that readers add 0, see
 * lib/books/balance.ts.
 *
 * | region     | field                | type  | writer            | reader  | holds                                  |
 * |------------|----------------------|-------|-------------------|---------|----------------------------------------|
 * | control    | generation           | i32   | worker            | all     | ≥ 1; new clicks enter this one         |
 * | control    | collectedGeneration  | i32   | main              | all     | all up to this one have left the ring  |
 * | control    | booksVersion         | i32   | main; readers + 0 | all     | odd while main changes its numbers     |
 * | control    | serviceState         | i32   | main              | all     | SERVICE_…                              |
 * | control    | databaseState        | i32   | main              | all     | DATABASE_…                             |
 * | control    | backlogIsFull        | i32   | main              | threads | 1: no space left, clicks are refused   |
 * | control    | hashSeed             | i32   | main, once        | all     | says where the slots of banners are    |
 * | control    | databaseAnswers      | i32   | worker            | main    | answers of Postgres, modulo 2^32       |
 * | control    | brokenGeneration0, 1 | i32   | main              | worker  | newest of a half that a thread died in |
 * | control    | keysAreKnown         | i32   | main              | threads | 1: from Postgres, or from a file       |
 * | control    | keysAreOpen          | i32   | main              | threads | 1: nobody needs a key to read          |
 * | control    | bannersAreKnown      | i32   | main              | threads | 1: from Postgres, or from a file       |
 * | control    | samplesVersion       | i32   | main; readers + 0 | all     | odd while main writes a sample         |
 * | control    | keySeedHigh, Low     | i32   | main, once        | threads | of hashes of keys of bulks             |
 * | control    | readiness            | i32   | main              | threads | READINESS_…                            |
 * | numbers    | …                    | f64   | main              | all     | see NUMBER                             |
 * | texts      | version, length, …   | i32   | main; readers + 0 | all     | see shared-text.ts                     |
 * | conditions | since                | f64   | main              | all     | when it was raised; texts say if it is |
 * | flushes    | durations            | f64   | main              | all     | see lib/books/durations.ts             |
 * | samples    | second, figures, …   | f64   | main              | all     | see lib/books/samples.ts               |
 * | thread     | presence             | i32   | its thread, main  | worker  | the generation it is in; 0: none       |
 * | thread     | numbers              | f64   | its thread        | all     | see THREAD_NUMBER                      |
 * | thread     | durations            | f64   | its thread        | all     | of its answers, by kind                |
 * | thread     | rates, latencies     | plain | its thread        | all     | i32; see lib/books/windows.ts          |
 * | salts      | edition              | i32   | main              | threads | ≥ 1; which salt is the present one     |
 * | salts      | high, low            | i32   | main              | threads | a salt; see SALT                       |
 * | salts      | changedAtMs          | f64   | main              | threads | since when it is the present one       |
 * | duplicates | sweptFrom            | i32   | main              | threads | quantum that the last sweep began in   |
 * | duplicates | note                 | i32   | threads, main CAS | threads | 24 bits of tag, 8 of time; 0: free     |
 * | limits     | tag and arrival      | i64   | all threads, CAS  | threads | 24 and 40 bits; 0: free                |
 * | known keys | hash ^ print, print  | i32   | all threads       | threads | 64 bits each; see lib/ingest           |
 * | part       | minute               | i32   | all threads, CAS  | all     | minutes since the epoch; 0: unused     |
 * | part       | used                 | i32   | all threads, add  | all     | slots claimed, or just being claimed   |
 * | part       | usedByUnknown        | i32   | all threads, add  | all     | of these, by unknown banners           |
 * | slot       | banner               | i32   | all threads, CAS  | all     | banner id; 0: free                     |
 * | slot       | clicks               | i32   | all threads, add  | all     | a word for each of CLASSES, ≤ 2^31 − 1 |
 *
 * `duplicates` is empty without DUPLICATE_WINDOW, and `limits` without CLIENT_CLICKS_PER_MINUTE. What their words mean is
 * in lib/clients.
 *
 * At the end come the two halves of the ring. Each has MINUTES_PER_HALF parts, each part a line with its
 * header and then its slots. While no thread is inside a half, the worker alone sets it to zero, together
 * with the threads' numbers of its clicks (lib/flush-worker/collect.ts).
 *
 * Widths from end to end: Int32 word → JS number (whole, below 2^53) → bigint column.
 */

/** A half of the ring serves every second generation: one counts while the other one is collected. */
export const HALF_COUNT = 2
/** Minutes that a generation can span. A flush interval crosses the edge of a minute, a late flush more. */
export const MINUTES_PER_HALF = 4
/** Keyed bulks that a generation takes, in pairs: 8 MiB, which are read from the journal at once. */
export const MAX_KEYED_USE = 2 ** 20
/** What a keyed bulk takes in memory beside its pairs, in pairs: key and fingerprint, and what V8 needs. */
export const KEYED_BULK_USE = 64
/** The most that one slot can hold of one class. */
export const MAX_SLOT_CLICKS = 2 ** 31 - 1

export const SERVICE_STARTING = 0
export const SERVICE_SERVING = 1
export const SERVICE_STOPPING = 2

export const DATABASE_UNKNOWN = 0
export const DATABASE_UP = 1
export const DATABASE_DOWN = 2

export const CONTROL = {
  generation: 0,
  collectedGeneration: 1,
  booksVersion: 2,
  serviceState: 3,
  databaseState: 4,
  backlogIsFull: 5,
  hashSeed: 6,
  databaseAnswers: 7,
  brokenGeneration0: 8,
  brokenGeneration1: 9,
  keysAreKnown: 10,
  keysAreOpen: 11,
  bannersAreKnown: 12,
  samplesVersion: 13,
  keySeedHigh: 14,
  keySeedLow: 15,
  readiness: 16,
} as const

/** Service-wide numbers, written by main alone. Clicks are cumulative since the start. */
export const NUMBER = {
  startedAtMs: 0,
  collectedValid: 1,
  collectedBots: 2,
  collectedDuplicates: 3,
  backlogValid: 4,
  backlogBots: 5,
  backlogDuplicates: 6,
  storedValid: 7,
  storedBots: 8,
  storedDuplicates: 9,
  flushLastAtMs: 10,
  flushLastDurationMs: 11,
  flushLastRows: 12,
  flushFailures: 13,
  journalFiles: 14,
  journalBytes: 15,
  journalOldestMs: 16,
  journalDamaged: 17,
  flushRows: 18,
  databaseDownSinceMs: 19,
  journalGrowthPerSecond: 20,
  logLinesDropped: 21,
  lostValid: 22,
  lostBots: 23,
  lostDuplicates: 24,
  asideClicks: 25,
  journalKeptFiles: 26,
  journalKeptBytes: 27,
  keysInForce: 28,
  keysConfirmedMs: 29,
  bannersRegistered: 30,
  bannersConfirmedMs: 31,
  bannersBytes: 32,
  sampledSecond: 33,
  withoutMinutesClicks: 34,
  quartersUntilMs: 35,
  daysUntilMs: 36,
  minutesFromMs: 37,
  quartersFromMs: 38,
  botPatterns: 39,
  botRanges: 40,
  botListsReadAtMs: 41,
  repeatedValid: 42,
  repeatedBots: 43,
  repeatedDuplicates: 44,
  conflictValid: 45,
  conflictBots: 46,
  conflictDuplicates: 47,
  fleetServing: 48,
  fleetDraining: 49,
  fleetStopped: 50,
  fleetLost: 51,
  fleetForgotten: 52,
  fleetLostPending: 53,
  fleetFinalThroughMs: 54,
} as const

/** The names of clicks by class among the service-wide numbers. */
export const SERVICE_CLICKS = {
  collected: ['collectedValid', 'collectedBots', 'collectedDuplicates'],
  backlog: ['backlogValid', 'backlogBots', 'backlogDuplicates'],
  stored: ['storedValid', 'storedBots', 'storedDuplicates'],
  lost: ['lostValid', 'lostBots', 'lostDuplicates'],
  repeated: ['repeatedValid', 'repeatedBots', 'repeatedDuplicates'],
  conflicts: ['conflictValid', 'conflictBots', 'conflictDuplicates'],
} as const satisfies Readonly<Record<string, ByClass<keyof typeof NUMBER>>>

/** A request thread's numbers. Counts are since the start of the process, over all threads of the index. */
export const THREAD_NUMBER = {
  validInHalf0: 0,
  botsInHalf0: 1,
  duplicatesInHalf0: 2,
  validInHalf1: 3,
  botsInHalf1: 4,
  duplicatesInHalf1: 5,
  refusedFull: 6,
  refusedJournal: 7,
  ignoredPrefetch: 8,
  requests: 9,
  responses2xx: 10,
  responses3xx: 11,
  responses4xx: 12,
  responses5xx: 13,
  utilization: 14,
  eventLoopDelayP99Ms: 15,
  journalFailedAtMs: 16,
  keysFailed: 17,
  keysLimited: 18,
  forwardedMalformed: 19,
  ignoredUnknown: 20,
  ignoredInactive: 21,
  refusedUnknown: 22,
  refusedLimit: 23,
  unnotedClicks: 24,
  unlimitedClicks: 25,
  refusedConnections: 26,
  refusedRequests: 27,
  keyedPairsInHalf0: 28,
  keyedPairsInHalf1: 29,
  keyedBulksInHalf0: 30,
  keyedBulksInHalf1: 31,
} as const

/** The names of a half's clicks among a thread's numbers, by class. */
export const CLICKS_IN_HALF = [
  ['validInHalf0', 'botsInHalf0', 'duplicatesInHalf0'],
  ['validInHalf1', 'botsInHalf1', 'duplicatesInHalf1'],
] as const satisfies readonly ByClass<keyof typeof THREAD_NUMBER>[]

/** The names of a half's keyed bulks and of their pairs among a thread's numbers: those that its generation has journaled. */
export const KEYED_IN_HALF = [
  { pairs: 'keyedPairsInHalf0', bulks: 'keyedBulksInHalf0' },
  { pairs: 'keyedPairsInHalf1', bulks: 'keyedBulksInHalf1' },
] as const satisfies readonly Readonly<Record<'pairs' | 'bulks', keyof typeof THREAD_NUMBER>>[]

export const TEXTS = ['flushLastError', 'databaseLastError', 'databaseHost', ...CONDITIONS] as const
export type TextName = (typeof TEXTS)[number]
export const TEXT_HEADER_WORDS = 2
export const TEXT_BYTES = 504

/** What a request is for: to count, to read clicks, or to watch. Each kind has latencies of its own. */
export const ROUTE_KINDS = ['counting', 'reading', 'watching'] as const
export type RouteKind = (typeof ROUTE_KINDS)[number]

/** Durations since the start: their sum, and so many buckets. */
export const DURATION_BUCKETS = 15

/** Samples: the second and the figures of each of the last 15 minutes' seconds. */
export const SAMPLE_SECONDS = 900
/** The figures of a sample. Each may be not known. */
export const SAMPLE_FIELDS = [
  'clicksPerSecond',
  'botsPerSecond',
  'duplicatesPerSecond',
  'stored',
  'storedPerSecond',
  'pending',
  'p50Ms',
  'p99Ms',
  'p999Ms',
  'flushMs',
  'journalBytes',
  'oldestSeconds',
  'databaseUp',
  'busiestPercent',
  'meanPercent',
  'delayMs',
] as const
export type SampleField = (typeof SAMPLE_FIELDS)[number]
/** The words of a sample: the second, then the figures. */
export const SAMPLE_WORDS = 1 + SAMPLE_FIELDS.length

/** Accepted clicks a second: for each of the last seconds, the second and the clicks of each class. */
export const RATE_SECONDS = 16
export const RATE_WORDS = 1 + CLASSES.length
/** Latency: a histogram (stamp, buckets …) for each 10 s of the last minute, and for the present 10 s. */
export const LATENCY_WINDOWS = 7
export const LATENCY_BUCKETS = 384

export const PART = { minute: 0, used: 1, usedByUnknown: 2 } as const
/** The words of a slot: the banner, then a word for each class. */
export const SLOT = { banner: 0, clicks: 1 } as const
/** 16 bytes: a slot never lies on two cache lines. */
export const SLOT_WORDS = SLOT.clicks + CLASSES.length

export const LINE_BYTES = 64
/** A bucket is one cache line: so many notes, or so many clients with a limit. */
export const NOTES_PER_BUCKET = LINE_BYTES / 4
export const LIMITS_PER_BUCKET = LINE_BYTES / 8
/** The notes of 20 000 valid clicks a second take at most half of the table. */
const NOTES_PER_SECOND = 40_000
const LIMITED_CLIENTS = 65_536

/** Keys of bulks that threads remember: a power of two, because a hash chooses the bucket by some of its bits. */
export const KNOWN_KEYS = 65_536
/** Two words of a hash, and two of a fingerprint. A bucket is one cache line. */
export const KNOWN_KEY_WORDS = 4
export const KNOWN_KEYS_PER_BUCKET = LINE_BYTES / (KNOWN_KEY_WORDS * 4)

export interface SharedMemoryShape {
  readonly threadCount: number
  /** Distinct banners per minute in a half, ≥ 1. */
  readonly maxBanners: number
  /** How long notes of clicks are in force. Left out, or 0: there are none. */
  readonly duplicateWindowMs?: number
  /** How many clicks a client may send in a minute. Left out, or 0: any number. */
  readonly clientClicksPerMinute?: number
}

/** Where the regions are, and how large. */
export function offsetsOf({ threadCount, maxBanners, ...shape }: SharedMemoryShape) {
  const slotCount = 2 ** Math.ceil(Math.log2(Math.max(16, maxBanners * 1.5)))
  const numbersBytes = aligned(Object.keys(CONTROL).length * 4)
  const textsBytes = numbersBytes + aligned(Object.keys(NUMBER).length * 8)
  const conditionsBytes = textsBytes + aligned(TEXTS.length * (TEXT_HEADER_WORDS * 4 + TEXT_BYTES))
  const flushesBytes = conditionsBytes + aligned(CONDITIONS.length * 8)
  const durationsBytes = aligned((1 + DURATION_BUCKETS) * 8)
  const samplesBytes = flushesBytes + durationsBytes
  const threadsBytes = samplesBytes + aligned(SAMPLE_SECONDS * SAMPLE_WORDS * 8)
  const durationsInThreadBytes = LINE_BYTES + aligned(Object.keys(THREAD_NUMBER).length * 8)
  const ratesInThreadBytes = durationsInThreadBytes + ROUTE_KINDS.length * durationsBytes
  const latenciesInThreadBytes = ratesInThreadBytes + aligned(RATE_SECONDS * RATE_WORDS * 4)
  const latenciesBytes = aligned(LATENCY_WINDOWS * (1 + LATENCY_BUCKETS) * 4)
  const threadBytes = latenciesInThreadBytes + ROUTE_KINDS.length * latenciesBytes
  const saltsBytes = threadsBytes + threadCount * threadBytes
  const duplicatesBytes = saltsBytes + LINE_BYTES + aligned(SALT_COUNT * SALT_WORDS * 4)
  const noteCount = notesFor(shape.duplicateWindowMs ?? 0)
  const limitsBytes = duplicatesBytes + (noteCount === 0 ? 0 : LINE_BYTES + noteCount * 4)
  const limitCount = (shape.clientClicksPerMinute ?? 0) === 0 ? 0 : LIMITED_CLIENTS
  const knownKeysBytes = limitsBytes + limitCount * 8
  const ringBytes = knownKeysBytes + KNOWN_KEYS * KNOWN_KEY_WORDS * 4
  const partBytes = LINE_BYTES + aligned(slotCount * SLOT_WORDS * 4)
  const totalBytes = ringBytes + HALF_COUNT * MINUTES_PER_HALF * partBytes
  return {
    slotCount,
    numbersBytes,
    textsBytes,
    conditionsBytes,
    flushesBytes,
    samplesBytes,
    threadsBytes,
    durationsBytes,
    durationsInThreadBytes,
    ratesInThreadBytes,
    latenciesBytes,
    latenciesInThreadBytes,
    threadBytes,
    saltsBytes,
    duplicatesBytes,
    noteCount,
    limitsBytes,
    limitCount,
    knownKeysBytes,
    ringBytes,
    partBytes,
    totalBytes,
  }
}

/** A power of two, because a hash chooses the bucket by some of its bits. */
function notesFor(windowMs: number): number {
  return windowMs === 0 ? 0 : 2 ** Math.ceil(Math.log2((windowMs / 1000) * NOTES_PER_SECOND))
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES
}
