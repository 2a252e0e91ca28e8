import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { JournalError } from '../../base/errors.ts'
import { syncDirectory } from '../../base/make-directory.ts'
import type { JournalSync } from '../../config/config.ts'
import type { ClickClass } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import type { Sums } from '../../rows/sums.ts'
import { isDiskFull, isDone, writeWhole } from '../files/disk.ts'
import { BULK, BULK_PART } from '../files/format.ts'
import { ticksName } from '../files/names.ts'
import { RecordBuffer } from '../files/record-buffer.ts'
import { freeKept } from './free-kept.ts'

/** A bulk's clicks, or a part of them, all of one minute and class: banner id and clicks, alternating. */
export interface MinutePairs {
  readonly minute: number
  readonly clickClass: ClickClass
  readonly pairs: Int32Array
  /** The next one is of the same bulk: a crash leaves both or none. */
  readonly isPart?: boolean
}

/** On a full disk, a tick makes this much more room than it needs: then the next ticks need not make any. */
const ROOM_BYTES = 2 ** 20

/** Where a process's journal is, and when a tick counts as written. */
export interface JournalPlace {
  readonly directory: string
  readonly writer: string
  readonly sync: JournalSync
}

interface SegmentOptions extends JournalPlace {
  readonly threadIndex: number
}

/**
 * One request thread's part of the journal: a file for each generation, made with its first tick. When
 * `append` returns, the kernel has the tick (`write`), or the disk has it (`fsync`).
 */
export class Segment {
  readonly #options: SegmentOptions
  readonly #records = new RecordBuffer()
  #file: {
    readonly fd: number
    readonly path: string
    readonly generation: number
    goodBytes: number
  } | null = null
  #sequence = 0

  constructor(options: SegmentOptions) {
    this.#options = options
  }

  /**
   * Appends one tick: its single clicks, its bulks, and its bulks with a key. Each bulk has a record, and so a CRC, of
   * its own, or parts that count together: a crash leaves all of it or nothing. Throws a JournalError when the tick cannot
   * be kept. Then the file is as it was before, and the next tick tries again.
   */
  append(
    generation: number,
    singles: Sums,
    bulks: readonly MinutePairs[] = [],
    keyed: readonly KeyedBulk[] = [],
  ): void {
    for (let mayBeRoom = true; ; )
      try {
        this.#write(generation, singles, bulks, keyed)
        return
      } catch (error) {
        if (!isDiskFull(error) || !mayBeRoom) throw new JournalError(error)
        // One more try even when nothing is kept: another thread may have removed all of it just now.
        mayBeRoom = this.#makeRoom()
      }
  }

  /** All of it is in the file, or nothing of it is. */
  #write(
    generation: number,
    singles: Sums,
    bulks: readonly MinutePairs[],
    keyed: readonly KeyedBulk[],
  ): void {
    try {
      if (this.#file?.generation !== generation) this.#open(generation)
      const file = this.#file!
      this.#records.clear()
      if (file.goodBytes === 0) this.#records.addFileHeader(this.#key(generation))
      this.#records.addSingles(singles)
      for (const { minute, clickClass, pairs, isPart } of bulks)
        this.#records.addPairs({ kind: isPart ? BULK_PART : BULK, clickClass, minute }, pairs)
      for (const bulk of keyed) this.#records.addKeyed(bulk)
      writeWhole(file.fd, this.#records.filled)
      // After the write: before it, there would be nothing to sync. `goodBytes` grows last: what
      // fails is cut off behind it.
      if (this.#options.sync === 'fsync') this.#syncFile(file.fd, file.goodBytes === 0)
      file.goodBytes += this.#records.bytes
    } catch (error) {
      this.#cutBack()
      throw error
    }
  }

  /** Removes kept files of stored clicks, before any click is refused. Returns whether there were any. */
  #makeRoom(): boolean {
    const { directory, writer } = this.#options
    return freeKept(directory, writer, this.#records.bytes + ROOM_BYTES)
  }

  close(): void {
    const file = this.#file
    // Forgotten before it is closed: if that fails, another file may get the number, and would be written to.
    this.#file = null
    if (file !== null) closeSync(file.fd)
  }

  #open(generation: number): void {
    this.close()
    const path = join(this.#options.directory, ticksName(this.#key(generation), this.#sequence++))
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND
    try {
      this.#file = { fd: openSync(path, flags, 0o600), path, generation, goodBytes: 0 }
    } catch (error) {
      // A thread with this index has died, and left a file of that name.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      this.#open(generation)
    }
  }

  /** The name of a new file has to reach the disk as well. */
  #syncFile(fd: number, isNew: boolean): void {
    fdatasyncSync(fd)
    if (isNew) syncDirectory(this.#options.directory)
  }

  /**
   * Takes a failed tick out of the file: it is refused, so no recovery may find it. The file is not used any
   * more. After a failed fdatasync, the kernel may take pages for clean that never reached the disk. After a
   * failed write, a new file costs nothing.
   */
  #cutBack(): void {
    const file = this.#file
    if (file === null) return
    // Each is tried, whether or not the one before it worked. If neither cutting nor removing works, and the
    // process crashes before this generation is stored, a recovery counts the tick.
    isDone(() => ftruncateSync(file.fd, file.goodBytes))
    if (file.goodBytes === 0) isDone(() => unlinkSync(file.path))
    isDone(() => this.close())
  }

  #key(generation: number) {
    const { writer, threadIndex } = this.#options
    return { writer, firstGeneration: generation, lastGeneration: generation, thread: threadIndex }
  }
}
