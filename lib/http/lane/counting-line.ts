import { parseBannerId, wrongBannerId } from '../../banners/banner-id.ts'
import { NO_CONTENT, PIXEL } from '../entrance/click-answers.ts'
import { wrongMethod, wrongPath } from '../entrance/refused-paths.ts'
import { type Answer, refusalAnswer } from '../listener/answer.ts'

/** What a request line under /counter/ asks for. */
export interface CountingLine {
  /** null: nothing is counted, and `answer` is a refusal. */
  readonly bannerId: number | null
  /** Once the click is kept, or at once when there is none. */
  readonly answer: Answer
  readonly mayHaveBody: boolean
  /** The index behind its line end. */
  readonly end: number
}

// RFC 9112, section 3. A path with a percent sign, or with a byte that URLs do not have, is for Hapi to decode.
const QUERY = "(?:\\?[\\w.~!$&'()*+,;=:@/?%-]*)?"
const VERSION = 'HTTP/1\\.1\\r\\n'
const CLICK = new RegExp(`(?:GET|POST) /counter/\\d{1,10}(?:\\.gif)?${QUERY} ${VERSION}`, 'y')
const ANY = new RegExp(
  `(GET|POST|PUT|PATCH|DELETE) (/counter/[\\w.~!$&'()*+,;=:@/-]*)${QUERY} ${VERSION}`,
  'y',
)
/** Refused behind the parser, see ambiguous.ts. A path here has no percent sign. */
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/

const GET_OFFSET = 'GET /counter/'.length
const POST_OFFSET = 'POST /counter/'.length
const LETTER_P = 0x50
const DOT = 0x2e

const PREFIX = '/counter/'
const SUFFIX = '.gif'

/** Pages of other origins may not read a 404 or a 405. Hapi's routes for them do not allow it either. */
const FOR_NO_PAGE = { isForAnyOrigin: false }

/** By method: the 405 of /counter/{id}. */
const WRONG_METHODS = wrongMethodsBut(['GET', 'HEAD', 'OPTIONS', 'POST'])
/** The same of /counter/{id}.gif. */
const WRONG_METHODS_OF_PIXEL = wrongMethodsBut(['GET', 'HEAD', 'OPTIONS'])

/** Reads the line at `start`. null: it is another one, or has not arrived in full. */
export function readCountingLine(text: string, start: number): CountingLine | null {
  CLICK.lastIndex = start
  if (!CLICK.test(text)) return readRefusedLine(text, start)
  const isPost = text.charCodeAt(start) === LETTER_P
  const digitsStart = start + (isPost ? POST_OFFSET : GET_OFFSET)
  const digitsEnd = endOfDigits(text, digitsStart)
  const bannerId = parseBannerId(text.slice(digitsStart, digitsEnd))
  const isPixel = text.charCodeAt(digitsEnd) === DOT
  if (bannerId === null || (isPixel && isPost)) return readRefusedLine(text, start)
  return { bannerId, answer: isPixel ? PIXEL : NO_CONTENT, mayHaveBody: isPost, end: CLICK.lastIndex }
}

function endOfDigits(text: string, start: number): number {
  let end = start
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return end
}

function readRefusedLine(text: string, start: number): CountingLine | null {
  ANY.lastIndex = start
  const match = ANY.exec(text)
  if (match === null) return null
  const [, method, path] = match as unknown as [string, string, string]
  if (DOT_SEGMENT.test(path)) return null
  return {
    bannerId: null,
    answer: refusalOf(method, path),
    mayHaveBody: method !== 'GET',
    end: ANY.lastIndex,
  }
}

/** The refusal of a request that is no click. */
function refusalOf(method: string, path: string): Answer {
  const name = path.slice(PREFIX.length)
  if (name === '' || name.includes('/'))
    return refusalAnswer({ statusCode: 404, error: 'Not Found', message: wrongPath(path) }, FOR_NO_PAGE)
  const isPixel = name.endsWith(SUFFIX) && name !== SUFFIX
  const refusal = (isPixel ? WRONG_METHODS_OF_PIXEL : WRONG_METHODS).get(method)
  if (refusal !== undefined) return refusal
  const message = wrongBannerId(isPixel ? name.slice(0, -SUFFIX.length) : name)
  return refusalAnswer({ statusCode: 400, error: 'Bad Request', message })
}

/** By method: the answers to those that a path does not have. */
function wrongMethodsBut(allowed: readonly string[]): ReadonlyMap<string, Answer> {
  const wrong = ['POST', 'PUT', 'PATCH', 'DELETE'].filter(method => !allowed.includes(method))
  const headers = { Allow: allowed.join(', ') }
  return new Map(
    wrong.map(method => {
      const message = wrongMethod(method, allowed)
      const payload = { statusCode: 405, error: 'Method Not Allowed', message }
      return [method, refusalAnswer(payload, { headers, ...FOR_NO_PAGE })]
    }),
  )
}
