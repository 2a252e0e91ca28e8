import type { Socket } from 'node:net'
import { openHandleWire } from './handle-wire.ts'
import type { Wire, WireUser } from './wire.ts'

/**
 * The socket must have no reader. Bytes that wait in its stream come with `data` events on either wire, before
 * all others.
 */
export function openWire(socket: Socket, user: WireUser): Wire {
  return openHandleWire(socket, user) ?? new StreamWire(socket)
}

/** By public interfaces alone. The user looks after the socket's `data` and `drain` events. */
class StreamWire implements Wire {
  readonly isDirect = false
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  write(text: string): boolean {
    return this.#socket.write(text, 'latin1')
  }

  /** It never goes anywhere else. */
  leaveReading(): void {}
}
