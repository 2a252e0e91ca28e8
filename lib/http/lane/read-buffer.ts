import { Socket } from 'node:net'

/*
 * The only place that touches Node's internals: a socket's `_handle`, its `useUserBuffer`, and two members
 * whose keys are looked up. If a Node does not have them, readToShared returns false, and
 * test/http/lane/read-buffer.test.ts fails.
 */

/** Gets the first `length` bytes of a buffer that the next piece of any connection overwrites. */
export type TakePiece = (buffer: Buffer, length: number) => void

type OnRead = (this: Socket, length: number, buffer: Buffer) => boolean

const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Gives a copy to the stream. Returns false when the stream is full; then Node stops reading. */
const pushCopy: OnRead = function (length, buffer) {
  return this.push(Buffer.from(buffer.subarray(0, length)))
}

/** The keys under which a socket that is opened with `onread` keeps its buffer and its callback. */
const [bufferKey, callbackKey] = keysOf(
  new Socket({ onread: { buffer: sharedBuffer, callback: pushCopy as never } } as never),
  [sharedBuffer, pushCopy],
)

/**
 * Gives what an accepted connection reads to `take`, in a buffer that all connections of the thread share. A
 * buffer for every piece, its collection and the way through the stream cost a ninth of a click. Node offers
 * this as `onread` of net.connect. It offers nothing for accepted connections, where the same is set by hand.
 *
 * Returns false when this Node keeps buffer and callback elsewhere. Then nothing is changed, and pieces come
 * with `data` events.
 */
export function readToShared(socket: Socket, take: TakePiece): boolean {
  const handle = Reflect.get(socket, '_handle')
  if (bufferKey === undefined || callbackKey === undefined || handle?.useUserBuffer === undefined)
    return false
  const onRead: OnRead = (length, buffer) => {
    take(buffer, length)
    return true
  }
  Reflect.set(socket, callbackKey, onRead)
  // Once a connection, however often it comes: each call adds a reader that stays until the connection closes.
  if (Reflect.get(socket, bufferKey) === sharedBuffer) return true
  Reflect.set(socket, bufferKey, sharedBuffer)
  handle.useUserBuffer(sharedBuffer)
  return true
}

/** From now on, gives what the connection reads to the stream. */
export function readToStream(socket: Socket): void {
  if (callbackKey !== undefined) Reflect.set(socket, callbackKey, pushCopy)
}

function keysOf(object: object, values: unknown[]): (PropertyKey | undefined)[] {
  const keys = Reflect.ownKeys(object)
  return values.map(value => keys.find(key => Reflect.get(object, key) === value))
}
