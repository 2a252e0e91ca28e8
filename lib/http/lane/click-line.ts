import { parseBannerId, wrongBannerId } from '../../banners/banner-id.ts'
import { wrongMethod, wrongPath } from '../entrance/refused-paths.ts'
import type { ClickForm } from '../entrance/ruling.ts'
import { type Answer, refusalAnswer } from '../listener/answer.ts'

/** What a request line under /counter/ or /click/ asks for. */
export type ClickLine = Click | Mistake

interface Line {
  readonly mayHaveBody: boolean
  /** The index behind its line end. */
  readonly end: number
}

interface Click extends Line {
  readonly bannerId: number
  readonly form: ClickForm
  /** Behind the `?`, of the form that reads it. Otherwise empty. */
  readonly query: string
  readonly refusal: null
}

interface Mistake extends Line {
  readonly bannerId: null
  readonly refusal: Answer
}

// RFC 9112, section 3. A path with a percent sign, or with a byte that URLs do not have, is for Hapi to decode.
const QUERY = "(?:\\?[\\w.~!$&'()*+,;=:@/?%-]*)?"
const VERSION = 'HTTP/1\\.1\\r\\n'
const COUNTED = '(?:GET|POST) /counter/\\d{1,10}(?:\\.gif)?'
const FOLLOWED = 'GET /click/\\d{1,10}'
const CLICK = new RegExp(`(?:${COUNTED}|${FOLLOWED})${QUERY} ${VERSION}`, 'y')
const ANY = new RegExp(
  `(GET|POST|PUT|PATCH|DELETE) /(counter|click)/([\\w.~!$&'()*+,;=:@/-]*)${QUERY} ${VERSION}`,
  'y',
)
const VERSION_LENGTH = ' HTTP/1.1\r\n'.length
/** Refused behind the parser, see ambiguous.ts. A path here has no percent sign. */
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/

const GET_OFFSET = 'GET /counter/'.length
const POST_OFFSET = 'POST /counter/'.length
const FOLLOW_OFFSET = 'GET /click/'.length
/** Where /click/ and /counter/ differ, behind GET. */
const FORM_OFFSET = 'GET /c'.length
const LETTER_P = 0x50
const LETTER_L = 0x6c
const DOT = 0x2e
const QUESTION_MARK = 0x3f

const SUFFIX = '.gif'

/** Pages of other origins may not read a 404 or a 405. Hapi's routes for them do not allow it either. */
const FOR_NO_PAGE = { isForAnyOrigin: false }

/** By method: the 405 of /counter/{id}. */
const WRONG_METHODS = wrongMethodsBut(['GET', 'HEAD', 'OPTIONS', 'POST'])
/** The same of /counter/{id}.gif and of /click/{id}. */
const WRONG_METHODS_OF_GET = wrongMethodsBut(['GET', 'HEAD', 'OPTIONS'])

/** Reads the line at `start`. null: it is another one, or has not arrived in full. */
export function readClickLine(text: string, start: number): ClickLine | null {
  CLICK.lastIndex = start
  if (!CLICK.test(text)) return readRefusedLine(text, start)
  if (text.charCodeAt(start + FORM_OFFSET) === LETTER_L) return readFollowedLine(text, start)
  const isPost = text.charCodeAt(start) === LETTER_P
  const digitsStart = start + (isPost ? POST_OFFSET : GET_OFFSET)
  const digitsEnd = endOfDigits(text, digitsStart)
  const bannerId = parseBannerId(text.slice(digitsStart, digitsEnd))
  const isPixel = text.charCodeAt(digitsEnd) === DOT
  if (bannerId === null || (isPixel && isPost)) return readRefusedLine(text, start)
  const form = isPixel ? 'pixel' : 'counter'
  return { bannerId, form, query: '', refusal: null, mayHaveBody: isPost, end: CLICK.lastIndex }
}

function readFollowedLine(text: string, start: number): ClickLine | null {
  const end = CLICK.lastIndex
  const digitsEnd = endOfDigits(text, start + FOLLOW_OFFSET)
  const bannerId = parseBannerId(text.slice(start + FOLLOW_OFFSET, digitsEnd))
  if (bannerId === null) return readRefusedLine(text, start)
  const hasQuery = text.charCodeAt(digitsEnd) === QUESTION_MARK
  const query = hasQuery ? text.slice(digitsEnd + 1, end - VERSION_LENGTH) : ''
  return { bannerId, form: 'click', query, refusal: null, mayHaveBody: false, end }
}

function endOfDigits(text: string, start: number): number {
  let end = start
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return end
}

function readRefusedLine(text: string, start: number): ClickLine | null {
  ANY.lastIndex = start
  const match = ANY.exec(text)
  if (match === null) return null
  const [, method, folder, name] = match as unknown as [string, string, 'counter' | 'click', string]
  if (DOT_SEGMENT.test(`/${name}`)) return null
  return {
    bannerId: null,
    refusal: refusalOf(method, folder, name),
    mayHaveBody: method !== 'GET',
    end: ANY.lastIndex,
  }
}

/** The refusal of a request that is no click. */
function refusalOf(method: string, folder: 'counter' | 'click', name: string): Answer {
  if (name === '' || name.includes('/')) {
    const message = wrongPath(`/${folder}/${name}`)
    return refusalAnswer({ statusCode: 404, error: 'Not Found', message }, FOR_NO_PAGE)
  }
  const isPixel = folder === 'counter' && name.endsWith(SUFFIX) && name !== SUFFIX
  const wrongMethods = isPixel || folder === 'click' ? WRONG_METHODS_OF_GET : WRONG_METHODS
  const refusal = wrongMethods.get(method)
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
