import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type JournalPlace, Segment } from '../../lib/journal/append/segment.ts'
import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { clickFile } from '../../lib/journal/files/names.ts'
import {
  KEY,
  type Pair,
  read,
  sumsOf,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

/** A tick: a banner's two clicks. */
export const TWO_CLICKS = sumsOf([[5, new Map([[1, 2]])]])
/** What is read of it. */
export const PAIR: Pair = [5, 1, 2]

/** A directory for a test, and a thread's part of the journal in it. */
export class SegmentJournal implements Disposable {
  readonly #directory: TemporaryDirectory = temporaryDirectory()
  readonly path = this.#directory.path
  segment = this.#newSegment('write')

  /** Goes on with another segment. */
  open(sync: JournalPlace['sync']): void {
    this.segment.close()
    this.segment = this.#newSegment(sync)
  }

  #newSegment(sync: JournalPlace['sync']): Segment {
    return new Segment({ directory: this.path, writer: WRITER, sync, threadIndex: KEY.thread })
  }

  /** Of a file that must be sound. */
  pairs(name: string): Pair[] {
    const { pairs, isDamaged } = read(readFileSync(join(this.path, name)), clickFile(name).key)
    expect(isDamaged, name).to.equal(false)
    return pairs
  }

  recordKinds(name: string): number[] {
    const bytes = readFileSync(join(this.path, name))
    const kinds: number[] = []
    for (
      let at = FILE_HEADER_BYTES;
      at < bytes.length;
      at += RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 4)
    )
      kinds.push(bytes.readUInt16LE(at + RECORD_HEADER_BYTES))
    return kinds
  }

  /** Pairs by name of the file. */
  files(): Record<string, Pair[]> {
    return Object.fromEntries(
      readdirSync(this.path)
        .sort()
        .map(name => [name, this.pairs(name)]),
    )
  }

  [Symbol.dispose](): void {
    this.segment.close()
    this.#directory[Symbol.dispose]()
  }
}
