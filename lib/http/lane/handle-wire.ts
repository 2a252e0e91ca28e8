import { Socket } from 'node:net'
import type { Wire, WireUser } from './wire.ts'

/*
 * The only place that touches Node's internals: a socket's handle with its `onread`, `useUserBuffer` and
 * `writeLatin1String`, what Node's `stream_wrap` says of their calls, and two members of a socket whose keys are
 * looked up. If a Node does not have them, openHandleWire returns null, and
 * test/http/lane/handle-wire.test.ts fails.
 */

/** The member of a handle that has its wire's user. */
const USER = Symbol('user')

/** Node's object for a connection of the system. */
interface Handle {
  /** Called with each piece that was read, with the client's end, and with errors: `streamBaseState` says which. */
  onread: OnRead
  /** Each call adds a reader, which stays until the connection closes. */
  useUserBuffer(buffer: Buffer): void
  /** Returns 0 or an error's number. What does not leave at once leaves later, before all that is written then. */
  writeLatin1String(request: WriteRequest, text: string): number
  [USER]: WireUser | null
}

type OnRead = (this: Handle, piece: unknown) => unknown

interface WriteRequest {
  /** Called when all has left, with 0, or with an error's number. */
  oncomplete: (status: number) => void
}

interface StreamWrap {
  /** What the last call of this thread came to. The two numbers below are indexes. */
  readonly streamBaseState: Int32Array
  /** How many bytes were read. Less than 1: the end or an error. */
  readonly kReadBytesOrError: number
  /** Whether something is left to be written. It says nothing after an error. */
  readonly kLastWriteWasAsync: number
  readonly WriteWrap: new () => WriteRequest
}

const sharedBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Gives a copy to the stream. Returns false when the stream is full; then Node stops reading. */
function pushCopy(this: Socket, length: number, buffer: Buffer): boolean {
  return this.push(Buffer.from(buffer.subarray(0, length)))
}

/** The keys under which a socket that is opened with `onread` keeps its buffer and its callback. */
const [bufferKey, callbackKey] = keysOf(
  new Socket({ onread: { buffer: sharedBuffer, callback: pushCopy as never } } as never),
  [sharedBuffer, pushCopy],
)
const streamWrap = findStreamWrap()
// Without it, no wire is opened, and nobody reads these.
const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync, WriteWrap } = streamWrap ?? ({} as StreamWrap)
/** For the next write. It is used up only by one that does not complete at once. */
let spareRequest: WriteRequest | null = null
/** Node's own `onread`: one function for all connections. */
let nodeOnRead: OnRead | null = null

/**
 * A wire past Node's streams. With thousands of connections, what the streams touch for each piece and for each
 * answer has left the processor's cache. Reads into a buffer that all connections of the thread share: a buffer
 * for every piece, its collection and the way through the stream cost a ninth of a click.
 *
 * Returns null when this Node keeps anything of it elsewhere, or the socket has no handle. Then nothing is
 * changed.
 */
export function openHandleWire(socket: Socket, user: WireUser): Wire | null {
  const handle: Handle | null | undefined = Reflect.get(socket, '_handle')
  if (streamWrap === null || bufferKey === undefined || callbackKey === undefined) return null
  if (handle?.useUserBuffer === undefined || handle.writeLatin1String === undefined) return null
  nodeOnRead ??= handle.onread
  if (handle.onread !== nodeOnRead) return null
  // Once a connection, however often it comes: each call would add another reader.
  if (Reflect.get(socket, bufferKey) !== sharedBuffer) {
    Reflect.set(socket, callbackKey, pushCopy)
    Reflect.set(socket, bufferKey, sharedBuffer)
    handle.useUserBuffer(sharedBuffer)
  }
  // The user before the function that looks for it.
  handle[USER] = user
  handle.onread = onRead
  return new HandleWire(handle, user)
}

class HandleWire implements Wire {
  readonly isDirect = true
  readonly #handle: Handle
  readonly #user: WireUser

  constructor(handle: Handle, user: WireUser) {
    this.#handle = handle
    this.#user = user
  }

  write(text: string): boolean {
    const request = (spareRequest ??= new WriteWrap())
    const error = this.#handle.writeLatin1String(request, text)
    if (error === 0 && streamBaseState[kLastWriteWasAsync] === 0) return true
    // Node may have tied it to this write, and takes none twice.
    spareRequest = null
    if (error === 0) request.oncomplete = status => this.#noteWritten(status)
    // The client has gone away.
    else this.#user.destroy()
    return false
  }

  leaveReading(): void {
    this.#handle.onread = nodeOnRead!
    this.#handle[USER] = null
  }

  #noteWritten(status: number): void {
    if (status === 0) this.#user.goOnWriting()
    else this.#user.destroy()
  }
}

/** Takes pieces past Node's `onread`, and leaves the client's end and errors to it. */
function onRead(this: Handle, piece: unknown): unknown {
  const length = streamBaseState[kReadBytesOrError]!
  if (length <= 0) return nodeOnRead!.call(this, piece)
  // What this returns, Node would take for the next buffer.
  this[USER]!.take(sharedBuffer, length)
  return undefined
}

function findStreamWrap(): StreamWrap | null {
  let found: Partial<StreamWrap>
  try {
    found = (process as unknown as { binding(name: string): Partial<StreamWrap> }).binding('stream_wrap')
  } catch {
    // As with --permission.
    return null
  }
  const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync, WriteWrap } = found
  const isWhole =
    streamBaseState instanceof Int32Array &&
    Number.isInteger(kReadBytesOrError) &&
    Number.isInteger(kLastWriteWasAsync) &&
    typeof WriteWrap === 'function'
  return isWhole ? (found as StreamWrap) : null
}

function keysOf(object: object, values: unknown[]): (PropertyKey | undefined)[] {
  const keys = Reflect.ownKeys(object)
  return values.map(value => keys.find(key => Reflect.get(object, key) === value))
}
