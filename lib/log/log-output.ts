import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { counted } from '../base/counted.ts'

/**
 * Where the lines of the log go: a file, a pipe or a terminal that somebody else has opened, and may take
 * away, fill or stop reading. A line that cannot be written at once is dropped and counted. The next line
 * that can be written comes after a line with that count. Nothing here throws or waits.
 *
 * Writes are synchronous: there are few lines, and the last ones before a crash are the most important.
 */
export class LogOutput {
  readonly #fd: number
  readonly #format: (line: string) => string
  #failure: Error | null = null
  #dropped = 0
  #droppedEver = 0
  #isLineTorn = false

  /** `format` is applied to each line. */
  constructor(fd: number, format: (line: string) => string = line => line) {
    this.#fd = openWithoutWaiting(fd)
    this.#format = format
  }

  /** Why the last line could not be written; null: it was written. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Lines that were dropped since the start. */
  get droppedEver(): number {
    return this.#droppedEver
  }

  /** `line` ends with its line feed. */
  write(line: string): void {
    if (this.#tryToWrite(this.#account() + this.#format(line))) return
    this.#dropped++
    this.#droppedEver++
  }

  /** Writes how many lines were dropped, if that is possible by now. */
  retry(): void {
    if (this.#failure !== null) this.#tryToWrite(this.#account())
  }

  #account(): string {
    if (this.#dropped === 0) return ''
    const fields = { level: 40, time: Date.now(), pid: process.pid, reason: this.#failure?.message }
    const msg = `${counted(this.#dropped, 'line')} of the log could not be written`
    return this.#format(`${JSON.stringify({ ...fields, dropped: this.#dropped, msg })}\n`)
  }

  #tryToWrite(text: string): boolean {
    // The beginning of a line may be there, from before the disk was full: this line must not be glued to it.
    const bytes = Buffer.from(this.#isLineTorn ? `\n${text}` : text)
    let writtenBytes = 0
    try {
      while (writtenBytes < bytes.length) writtenBytes += writeSync(this.#fd, bytes, writtenBytes)
    } catch (error) {
      this.#failure = error as Error
      if (writtenBytes > 0) this.#isLineTorn = true
      return false
    }
    this.#failure = null
    this.#dropped = 0
    this.#isLineTorn = false
    return true
  }
}

/**
 * Opens a pipe or a terminal once more, without waiting: a full pipe, or a terminal that was told to pause,
 * then is an error, and does not hold up the thread. The descriptor itself stays as it is, since others
 * write there, too, and expect to wait. A regular file never makes a writer wait, and a second opening
 * would write from its start.
 */
function openWithoutWaiting(fd: number): number {
  if (!fstatSync(fd).isFIFO() && !isatty(fd)) return fd
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // There is no /proc, the pipe is another user's, or nobody reads it any more.
    return fd
  }
}
