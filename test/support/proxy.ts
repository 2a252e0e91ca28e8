import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import type { DatabaseServer } from '../../lib/config/config.ts'

/** One statement of a client: before it goes to the server, and when all of its answer has come. */
export interface Passage {
  /** The query as the client wrote it. */
  readonly sql: string
  readonly stage: 'sent' | 'answered'
  /** What began the connection's last transaction. */
  readonly begin: string
}

/**
 * What becomes of a passage:
 *   pass    — it goes on
 *   reset   — it is dropped; the client is reset, and the connection to the server is closed
 *   hold    — from now on nothing passes in either direction, until the client closes
 *   swallow — like hold, and the server does not learn that the client has gone: a half-open connection
 */
type Verdict = 'pass' | 'reset' | 'hold' | 'swallow'

export interface PostgresProxy {
  /** The database behind the proxy, through it. */
  readonly server: DatabaseServer
  /** Decides about every passage. */
  judge: (passage: Passage) => Verdict
  /** Connections accepted so far. */
  readonly connectionCount: number
  /** Resets every connection, and every new one until `restore`. */
  cut(): void
  restore(): void
  close(): Promise<void>
}

/** A TCP proxy for Postgres. It reads enough of protocol 3 to see statements and their answers. */
export async function startPostgresProxy(target: DatabaseServer): Promise<PostgresProxy> {
  const links = new Set<Link>()
  let isCut = false
  let connectionCount = 0
  const listener = createServer(client => {
    connectionCount++
    if (isCut) {
      client.on('error', () => {}).resetAndDestroy()
      return
    }
    const link = new Link(client, dial(target.port, target.host), passage => proxy.judge(passage))
    links.add(link)
    link.onClosed = () => links.delete(link)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    isCut = true
    for (const link of links) link.reset()
  }
  const proxy: PostgresProxy = {
    server: { ...target, host: '127.0.0.1', port: (listener.address() as AddressInfo).port },
    judge: () => 'pass',
    get connectionCount() {
      return connectionCount
    },
    cut,
    restore() {
      isCut = false
    },
    async close() {
      cut()
      await once(listener.close(), 'close')
    },
  }
  return proxy
}

/** One client's connection, and the one to the server that belongs to it. */
class Link {
  onClosed: () => void = () => {}
  readonly #client: Socket
  readonly #server: Socket
  readonly #judge: (passage: Passage) => Verdict
  readonly #fromClient = new Messages('startup')
  readonly #fromServer = new Messages('typed')
  /** Statements without an answer, oldest first, and the part of the oldest's answer that has come. */
  #unanswered: string[] = []
  #answer: Buffer[] = []
  #parsedSql = ''
  #begin = ''
  #held: 'hold' | 'swallow' | null = null

  constructor(client: Socket, server: Socket, judge: (passage: Passage) => Verdict) {
    this.#client = client
    this.#server = server
    this.#judge = judge
    for (const socket of [client, server]) socket.setNoDelay().on('error', () => {})
    client.on('data', (chunk: Buffer) =>
      this.#forEach(this.#fromClient, chunk, message => this.#toServer(message)),
    )
    server.on('data', (chunk: Buffer) =>
      this.#forEach(this.#fromServer, chunk, message => this.#toClient(message)),
    )
    client.on('close', () => {
      if (this.#held !== 'swallow') server.destroy()
    })
    server.on('close', () => {
      if (this.#held === null) client.destroy()
      this.onClosed()
    })
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#server.destroy()
  }

  #forEach(messages: Messages, chunk: Buffer, handle: (message: Buffer) => void): void {
    for (const message of messages.push(chunk)) if (this.#isOpen) handle(message)
  }

  get #isOpen(): boolean {
    return this.#held === null && !this.#client.destroyed
  }

  #toServer(message: Buffer): void {
    const sql = this.#statementThatEndsWith(message)
    if (sql !== null) {
      if (sql.startsWith('BEGIN')) this.#begin = sql
      if (!this.#mayPass({ sql, stage: 'sent', begin: this.#begin })) return
      this.#unanswered.push(sql)
    }
    this.#server.write(message)
  }

  /** A simple query is one message. An extended one is parsed, bound and so on, and ends with Sync. */
  #statementThatEndsWith(message: Buffer): string | null {
    switch (String.fromCharCode(message[0]!)) {
      case 'Q':
        return textAt(message, HEADER_BYTES)
      case 'P':
        this.#parsedSql = textAt(message, message.indexOf(0, HEADER_BYTES) + 1)
        return null
      case 'S':
        return this.#parsedSql
      default:
        return null
    }
  }

  #toClient(message: Buffer): void {
    if (this.#unanswered.length === 0) {
      this.#client.write(message)
      return
    }
    this.#answer.push(message)
    if (message[0] !== READY_FOR_QUERY) return
    const sql = this.#unanswered.shift()!
    if (!this.#mayPass({ sql, stage: 'answered', begin: this.#begin })) return
    this.#client.write(Buffer.concat(this.#answer))
    this.#answer = []
  }

  #mayPass(passage: Passage): boolean {
    const verdict = this.#judge(passage)
    if (verdict === 'reset') this.reset()
    else if (verdict !== 'pass') this.#held = verdict
    return verdict === 'pass'
  }
}

/** A type byte and a length; the length includes itself. */
const HEADER_BYTES = 5
const READY_FOR_QUERY = 'Z'.charCodeAt(0)

/** Cuts a stream into messages. The first message of a client, the startup packet, has no type byte. */
class Messages {
  #rest: Buffer = Buffer.alloc(0)
  #typeBytes: 0 | 1

  constructor(first: 'startup' | 'typed') {
    this.#typeBytes = first === 'startup' ? 0 : 1
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const typeBytes = this.#typeBytes
      if (this.#rest.length < typeBytes + 4) return
      const messageBytes = typeBytes + this.#rest.readInt32BE(typeBytes)
      if (this.#rest.length < messageBytes) return
      const message = this.#rest.subarray(0, messageBytes)
      this.#rest = this.#rest.subarray(messageBytes)
      this.#typeBytes = 1
      yield message
    }
  }
}

function textAt(message: Buffer, start: number): string {
  return message.toString('utf8', start, message.indexOf(0, start))
}
