import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { JournalError } from '../../base/errors.ts'
import { syncDirectory } from '../../base/make-directory.ts'
import type { JournalSync } from '../../config/config.ts'
import type { ClickClass } from '../../rows/classes.ts'
import type { Sums } from '../../rows/sums.ts'
import { isDiskFull, writeWhole } from '../files/disk.ts'
import { BULK } from '../files/format.ts'
import { ticksName } from '../files/names.ts'
import { RecordBuffer } from '../files/record-buffer.ts'
import { freeKept } from './free-kept.ts'

/** A bulk's clicks, all of one minute and class: banner id and clicks, alternating. */
export interface MinutePairs {
  readonly minute: number
  readonly clickClass: ClickClass
  readonly pairs: Int32Array
}

/** How much more room is made on a full disk than a tick needs, so that not each tick has to. */
const ROOM_BYTES = 2 ** 20

/** Where a process' journal is. */
export interface JournalPlace {
  readonly directory: string
  readonly writer: string
  readonly sync: JournalSync
}

export interface SegmentOptions extends JournalPlace {
  readonly threadIndex: number
}

/**
 * One request thread's part of the journal: a file for each generation, made with its first tick. What
 * `append` returns from has been handed to the kernel with `write`, and to the disk with `fsync`.
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
   * Appends one tick: its single clicks, and its bulks, each of which has a record and so a CRC of its own:
   * what a crash leaves of the tick holds a bulk whole or not at all. Throws a JournalError when the tick may
   * not be kept; the file is then as it was before, and the next tick tries anew.
   */
  append(generation: number, singles: Sums, bulks: readonly MinutePairs[] = []): void {
    for (let mayBeRoom = true; ; )
      try {
        this.#write(generation, singles, bulks)
        return
      } catch (error) {
        if (!isDiskFull(error) || !mayBeRoom) throw new JournalError(error)
        // Tried once more also when nothing is kept: another thread may just have made room of all that was.
        mayBeRoom = this.#makeRoom()
      }
  }

  /** All of it is in the file, or nothing of it is. */
  #write(generation: number, singles: Sums, bulks: readonly MinutePairs[]): void {
    try {
      if (this.#file?.generation !== generation) this.#open(generation)
      const file = this.#file!
      this.#records.clear()
      if (file.goodBytes === 0) this.#records.addFileHeader(this.#key(generation))
      this.#records.addSingles(singles)
      for (const { minute, clickClass, pairs } of bulks)
        this.#records.addPairs({ kind: BULK, clickClass, minute }, pairs)
      writeWhole(file.fd, this.#records.filled)
      if (this.#options.sync === 'fsync') this.#syncFile(file.fd, file.goodBytes === 0)
      file.goodBytes += this.#records.bytes
    } catch (error) {
      this.#cutBack()
      throw error
    }
  }

  /** What is kept of stored clicks gives way before a click is refused. Whether there was any. */
  #makeRoom(): boolean {
    const { directory, writer } = this.#options
    return freeKept(directory, writer, this.#records.bytes + ROOM_BYTES)
  }

  close(): void {
    const file = this.#file
    // Forgotten first: should closing fail, the number may be another file's from then on.
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
      // A thread that died had this index before.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      this.#open(generation)
    }
  }

  /** With a new file the name has to reach the disk as well. */
  #syncFile(fd: number, isNew: boolean): void {
    fdatasyncSync(fd)
    if (isNew) syncDirectory(this.#options.directory)
  }

  /**
   * Takes a tick that failed out of the file again: it is refused, so it must not come back at a recovery.
   * The file is not used any more: after a failed fdatasync the kernel may hold pages for clean that never
   * reached the disk, and after a failed write it costs nothing to start a new one.
   */
  #cutBack(): void {
    const file = this.#file
    if (file === null) return
    // Each whether or not the one before it worked. Should all fail that could take the tick out, a crash before
    // this generation is stored could count it.
    tryTo(() => ftruncateSync(file.fd, file.goodBytes))
    if (file.goodBytes === 0) tryTo(() => unlinkSync(file.path))
    tryTo(() => this.close())
  }

  #key(generation: number) {
    const { writer, threadIndex } = this.#options
    return { writer, firstGeneration: generation, lastGeneration: generation, thread: threadIndex }
  }
}

/** The error that led here is the one to tell. */
function tryTo(action: () => void): void {
  try {
    action()
  } catch {}
}
