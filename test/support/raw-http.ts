import { connect, type Socket } from 'node:net'

/** One answer as it came over the wire, with header names in lower case. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How long a server may take to close a connection. */
const PATIENCE_MS = 12_000

/**
 * Sends bytes (text is taken as latin1) on a connection of its own and resolves with all answers when the
 * server has closed it. Rejects when it stays open.
 */
export function talk(
  port: number,
  bytes: string | Buffer,
  options: { endsAfterwards?: boolean } = {},
): Promise<RawAnswer[]> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(bytes, 'latin1')
  if (options.endsAfterwards ?? false) socket.end()
  return new Promise((resolve, reject) => {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the server keeps the connection open')))
    // A reset closes the connection as well; what has arrived by then counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(parseAnswers(Buffer.concat(chunks))))
  })
}

/** A connection that a test uses step by step. Its errors are ignored: the tests that use it look elsewhere. */
export function openConnection(port: number): Socket {
  return connect(port, '127.0.0.1').on('error', () => {})
}

export interface RequestParts {
  readonly method?: string
  readonly target?: string
  /** Whole lines, in addition to Host. */
  readonly headers?: readonly string[]
  readonly body?: string
}

/** The text of a request. It is correct HTTP/1.1 if its parts are. */
export function requestText({
  method = 'GET',
  target = '/counter/1',
  headers = [],
  body = '',
}: RequestParts) {
  return [`${method} ${target} HTTP/1.1`, 'Host: counter', ...headers, '', body].join('\r\n')
}

function parseAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = bytes.toString('latin1')
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd < 0) throw new Error(`not an answer in HTTP: ${JSON.stringify(rest.slice(0, 200))}`)
    const [statusLine, ...lines] = rest.slice(0, headEnd).split('\r\n')
    const headers = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    )
    const [body, bodyEnd] = parseBody(headers, rest, headEnd + 4)
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine!)![1]), headers, body })
    rest = rest.slice(bodyEnd)
  }
  return answers
}

/** The body that starts at `start`, and where it ends. */
function parseBody(headers: Record<string, string>, text: string, start: number): [string, number] {
  if (headers['transfer-encoding'] !== 'chunked') {
    const end = start + Number(headers['content-length'] ?? 0)
    return [text.slice(start, end), end]
  }
  let body = ''
  for (let position = start; ; ) {
    const sizeEnd = text.indexOf('\r\n', position)
    const chunkEnd = sizeEnd + 2 + Number.parseInt(text.slice(position, sizeEnd), 16)
    body += text.slice(sizeEnd + 2, chunkEnd)
    position = chunkEnd + 2
    if (chunkEnd === sizeEnd + 2) return [body, position]
  }
}
