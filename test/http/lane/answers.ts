/** One answer as it came over the wire, in a form that two servers can be compared by. */
export interface Answer {
  /** The whole status line. */
  readonly status: string
  /** `name: value`, names in lower case, sorted. The date is there without its value. */
  readonly headers: readonly string[]
  readonly body: string
}

/**
 * A request that is refused may be malformed as well, in its head or behind it. Then either answer may come: it depends
 * on whether the parser gets to the mistake in the same tick, and so on how the bytes arrive. Both say 400 and close.
 */
const EQUAL_MESSAGES = [
  'the request must be well-formed HTTP/1.1',
  'the protocol must be HTTP/1.1 or HTTP/1.0',
  'there must be one Host header: a name, perhaps a port',
  'Transfer-Encoding can be chunked, and that in HTTP/1.1 only',
  'the path must be percent-encoded UTF-8',
  'GET must not have a body: use POST',
  'HEAD must not have a body: use POST',
]

const UUID_V7 = /[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g

/** All answers in what a connection has received, as latin1. What is no whole answer is one too: its bytes. */
export function parseAnswers(received: string): Answer[] {
  const answers: Answer[] = []
  for (let rest = received; rest !== ''; ) {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (!rest.startsWith('HTTP/1.1 ') || headEnd < 0) {
      answers.push({ status: `not an answer: ${JSON.stringify(rest)}`, headers: [], body: '' })
      break
    }
    const [status, ...lines] = rest.slice(0, headEnd).split('\r\n')
    const headers = lines.map(comparable).sort()
    rest = rest.slice(headEnd + 4)
    const body = rest.slice(0, bodyLength(headers, rest))
    answers.push(unlessEqual({ status: status!, headers, body }))
    rest = rest.slice(body.length)
  }
  return answers
}

function unlessEqual({ status, headers, body }: Answer): Answer {
  const message = EQUAL_MESSAGES.find(text => body.includes(text))
  if (message === undefined) return { status, headers, body }
  return {
    status,
    headers: headers.filter(header => !/^(content-length|cache-control):/.test(header)),
    body: body.replace(message, 'either message'),
  }
}

function comparable(line: string): string {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  if (name === 'date') return 'date: …'
  const value = line.slice(colon + 1)
  // Macros make another id of each click.
  return `${name}:${name === 'location' ? value.replaceAll(UUID_V7, 'a UUIDv7') : value}`
}

/** An answer to HEAD has the length of a body that does not come, and only the next answer's start tells. */
function bodyLength(headers: readonly string[], rest: string): number {
  const length = headers.find(header => header.startsWith('content-length:'))
  return length === undefined || rest.startsWith('HTTP/1.1 ') ? 0 : Number(length.split(':')[1])
}
