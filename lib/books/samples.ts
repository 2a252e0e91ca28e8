import { CONTROL, SAMPLE_FIELDS, SAMPLE_SECONDS, SAMPLE_WORDS, type SampleField } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readNumber } from './balance.ts'

/** The place of a second in which no sample was written. */
const MISSING = -1

/** One moment of /health, flat. null: not known. lib/health/sample.js makes it. */
export interface Sample extends Readonly<Record<SampleField, number | null>> {
  /** Since the epoch. */
  readonly atSeconds: number
}

/** The samples of consecutive seconds, a column for each figure. */
export interface SampleColumns {
  /** The newest sample's second, since the epoch. null: there is none. */
  readonly toSecond: number | null
  /** Columns of the same length, at most SAMPLE_SECONDS. The last entry is of `toSecond`. */
  readonly columns: Readonly<Record<SampleField, readonly (number | null)[]>>
}

/**
 * The samples of the last 15 minutes, in shared memory: the second and the figures of each, NaN for what is not
 * known. A sample has the place of its second, so a second in which main came too late keeps the sample of
 * 15 minutes before, and is known by that. Main alone writes.
 *
 * The version is odd while a sample is written. If the first add were missing, or the second one came before the
 * figures, a reader could take half of one sample and half of another for one.
 */
export function writeSample(memory: SharedMemory, sample: Sample): void {
  const { i32, f64 } = memory
  const second = Math.floor(sample.atSeconds)
  Atomics.add(i32, CONTROL.samplesVersion, 1)
  const first = memory.samplesIndex + (second % SAMPLE_SECONDS) * SAMPLE_WORDS
  f64[first] = second
  for (const [field, name] of SAMPLE_FIELDS.entries()) f64[first + 1 + field] = sample[name] ?? Number.NaN
  f64[memory.numberIndex('sampledSecond')] = second
  Atomics.add(i32, CONTROL.samplesVersion, 1)
}

/** Another number once there are other samples. */
export function samplesVersion({ i32 }: SharedMemory): number {
  return Atomics.load(i32, CONTROL.samplesVersion)
}

/** From the oldest sample that is known to the newest one. */
export function readSamples(memory: SharedMemory): SampleColumns {
  const { words, newest } = copySamples(memory)
  const places: number[] = []
  for (let second = newest - SAMPLE_SECONDS + 1; second <= newest; second++) {
    const place = (second % SAMPLE_SECONDS) * SAMPLE_WORDS
    const isKnown = newest > 0 && words[place] === second
    if (isKnown || places.length > 0) places.push(isKnown ? place : MISSING)
  }
  const columnOf = (field: number) =>
    places.map(place => {
      const value = place === MISSING ? Number.NaN : words[place + 1 + field]!
      return Number.isNaN(value) ? null : value
    })
  const columns = SAMPLE_FIELDS.map((name, field) => [name, columnOf(field)])
  return { toSecond: newest === 0 ? null : newest, columns: Object.fromEntries(columns) }
}

/** All words of the samples, and the second of the newest one, as they were at one moment. */
function copySamples(memory: SharedMemory): { words: Float64Array; newest: number } {
  const first = memory.samplesIndex
  for (;;) {
    const version = samplesVersion(memory)
    const words = memory.f64.slice(first, first + SAMPLE_SECONDS * SAMPLE_WORDS)
    const newest = readNumber(memory, 'sampledSecond')
    // An add of nothing instead of a load: on some processors the copy could be made after a load.
    if (version % 2 === 0 && Atomics.add(memory.i32, CONTROL.samplesVersion, 0) === version)
      return { words, newest }
  }
}
