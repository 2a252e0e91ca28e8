/** The banner of every click in the corpus. The comparison puts another one of the same length in its place. */
export const CLICKED_ID = '7654321'

/** Whole texts of what is sent on a connection (latin1), each under a name that says what is special about it. */
export type Group = Readonly<Record<string, string>>

export const PATH = `/counter/${CLICKED_ID}`
/** The same banner, by the path that leads on. */
export const FOLLOWED_PATH = `/click/${CLICKED_ID}`
export const GET = `GET ${PATH} HTTP/1.1\r\n`
export const HOST = 'Host: counter\r\n'
/** A request but for more headers and the empty line. */
export const HEAD = GET + HOST
export const POST = `POST ${PATH} HTTP/1.1\r\n${HOST}`
export const CLICK = `${HEAD}\r\n`
export const LAST_CHUNK = '0\r\n\r\n'

/** A click for each header line. */
export function withHeaders(lines: readonly string[], head = HEAD): Group {
  return Object.fromEntries(lines.map(line => [line, `${head}${line}\r\n\r\n`]))
}

/** A click for each request line. */
export function withRequestLines(lines: readonly string[]): Group {
  return Object.fromEntries(lines.map(line => [line, `${line}\r\n${HOST}\r\n`]))
}
