import { Socket } from 'node:net'

/** What was read: the first bytes of a buffer that the next piece, of whatever connection, is read into. */
export type TakePiece = (buffer: Buffer, length: number) => void

type OnRead = (this: Socket, length: number, buffer: Buffer) => boolean

const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** In the way of Readable's implementers; false: its buffer is full. */
const pushCopy: OnRead = function (length, buffer) {
  return this.push(Buffer.from(buffer.subarray(0, length)))
}

/** Where a socket that is opened with `onread` keeps its buffer and its callback. */
const [bufferKey, callbackKey] = keysOf(
  new Socket({ onread: { buffer: sharedBuffer, callback: pushCopy as never } } as never),
  [sharedBuffer, pushCopy],
)

/**
 * Lets `take` have what an accepted connection reads, in a buffer that all of the thread share: a buffer for
 * every piece, its collection and the way through the stream cost a ninth of a click. Node offers this as `onread` of
 * net.connect, and has no word for it where a connection is accepted, so the same is set by hand.
 *
 * false: this Node keeps it elsewhere. Nothing was changed, and everything comes with `data` events.
 */
export function readToShared(socket: Socket, take: TakePiece): boolean {
  const handle = Reflect.get(socket, '_handle')
  if (bufferKey === undefined || callbackKey === undefined || handle?.useUserBuffer === undefined)
    return false
  const onRead: OnRead = (length, buffer) => {
    take(buffer, length)
    return true
  }
  Reflect.set(socket, bufferKey, sharedBuffer)
  Reflect.set(socket, callbackKey, onRead)
  handle.useUserBuffer(sharedBuffer)
  return true
}

/** Gives what comes from now on to the stream, for its readers. */
export function readToStream(socket: Socket): void {
  if (callbackKey !== undefined) Reflect.set(socket, callbackKey, pushCopy)
}

function keysOf(object: object, values: unknown[]): (PropertyKey | undefined)[] {
  const keys = Reflect.ownKeys(object)
  return values.map(value => keys.find(key => Reflect.get(object, key) === value))
}
