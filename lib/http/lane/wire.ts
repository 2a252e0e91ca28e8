/** Whom a wire serves: a connection. */
export interface WireUser {
  /**
   * Gets the first `length` bytes of `buffer`. It must have used them when it returns: the next piece of any
   * connection overwrites them.
   */
  take(buffer: Buffer, length: number): void
  /** All that was written has left. Called after a `write` that returned false, unless the connection is cut. */
  goOnWriting(): void
  /** Called when nothing can be written any more, perhaps within `write`. */
  destroy(): void
}

/** What the lane reads and writes a connection with. */
export interface Wire {
  /** Past Node's streams. false: all pieces come with the socket's `data` events. */
  readonly isDirect: boolean
  /** Writes latin1. Returns false when not all of it has left: until `goOnWriting`, nothing more may be written. */
  write(text: string): boolean
  /** From now on, what the connection reads goes to its stream. The socket must be paused. */
  leaveReading(): void
}
