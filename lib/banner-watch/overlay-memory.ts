import { newTableMemory } from '../banners/table-builder.ts'

/** More than overlays usually take. The memory of a larger one goes with its base. */
const MOST_BYTES = 8 * 2 ** 20

/**
 * Memory for overlays. Two buffers serve in turn, because a thread that does nothing collects no garbage: a buffer for
 * each change would stay in memory for hours.
 */
export class OverlayMemory {
  #inForce: SharedArrayBuffer | null = null
  #free: SharedArrayBuffer | null = null

  /** Nobody reads it. It is the same one until an overlay in it is published. */
  take(): SharedArrayBuffer {
    this.#free ??= newTableMemory()
    return this.#free
  }

  /**
   * An overlay in this buffer was published. `isTaken`: every thread goes by it. Otherwise a thread may still read the
   * one before, which therefore does not serve again. A large one is let go now, not at the next change, which may be
   * hours away.
   */
  published(buffer: SharedArrayBuffer, isTaken: boolean): void {
    if (buffer === this.#inForce) return
    const before = this.#inForce
    this.#free = isTaken && before !== null && servesAgain(before) ? before : null
    this.#inForce = buffer
  }
}

/** Whether another overlay is built in the buffer once this one is not in force any more. */
export function servesAgain({ byteLength }: SharedArrayBuffer): boolean {
  return byteLength <= MOST_BYTES
}
