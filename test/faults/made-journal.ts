import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Segment } from '../../lib/journal/append/segment.ts'
import { KIND_BYTES, MINUTE_BYTES, PAIR_BYTES, RECORD_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { writerName } from '../journal/journal-support.ts'

/** Recent: clicks older than the ledger's memory are not recovered. */
const FIRST_MINUTE = Math.floor(Date.now() / 60_000) - 60
const PAIRS_PER_TICK = 64
const TICK_BYTES = RECORD_HEADER_BYTES + KIND_BYTES + MINUTE_BYTES + PAIRS_PER_TICK * PAIR_BYTES

interface MadeJournal {
  readonly bytes: number
  readonly generations: number
  /** By default, a generation takes two seconds. */
  readonly generationsPerMinute: number
  /** How many banners are clicked, each equally often. */
  readonly banners: number
}

/**
 * Writes the journal of an invented process, as its request thread would write it. The ticks of each generation have
 * clicks of one class each, in turn: `clicks` are gross.
 */
export function makeJournal(dataDir: string, made: MadeJournal) {
  const directory = join(dataDir, 'journal')
  const writer = randomUUID()
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, writerName(writer)), '')
  const segment = new Segment({ directory, writer, sync: 'write', threadIndex: 0 })
  const ticksPerGeneration = Math.ceil(made.bytes / made.generations / TICK_BYTES)
  const singles = new Sums()
  const byClass = [0, 0, 0]
  let clicks = 0
  for (let generation = 1; generation <= made.generations; generation++)
    for (let tick = 0; tick < ticksPerGeneration; tick++) {
      const minute = FIRST_MINUTE + Math.floor(generation / made.generationsPerMinute)
      singles.clear()
      for (let pair = 0; pair < PAIRS_PER_TICK; pair++)
        singles.add(minute, 1 + (clicks++ % made.banners), CLICK_CLASSES[tick % CLICK_CLASSES.length]!, 1)
      for (const clickClass of CLICK_CLASSES) byClass[clickClass]! += singles.totals[clickClass]!
      segment.append(generation, singles)
    }
  segment.close()
  return { writer, clicks, byClass }
}
