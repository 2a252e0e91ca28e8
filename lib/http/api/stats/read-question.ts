import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type Joi from '@hapi/joi'
import { readJson, refusePrototype } from '../json-body.ts'
import { readQuery } from '../query.ts'
import { unknownInQuestion } from './question-schema.ts'

interface QuestionForm<Body> {
  readonly schema: Joi.ObjectSchema<Body>
  /** Of its fields. */
  readonly names: readonly string[]
  /** Of a body. */
  readonly maxBytes: number
  /** A body. */
  readonly example: string
}

/**
 * The question in the body of a POST, or in the query of a GET: one schema says what is right in both. Rejects with 400,
 * and as readJson does.
 */
export async function readQuestion<Body>(request: Request, form: QuestionForm<Body>): Promise<Body> {
  const written =
    request.method === 'post'
      ? await readJson(request, { ...form, reviver: refusePrototype })
      : fieldsOf(readQuery(request, form.names, unknownInQuestion))
  const { value, error } = form.schema.validate(written)
  if (error !== undefined) throw Boom.badRequest(`${error.message}${hintFor(request)}`)
  return value
}

/** In a query, `+` is a space: an offset of a time, or a zone such as Etc/GMT+1, is easily written wrong. */
function hintFor({ method, url }: Request): string {
  return method === 'get' && url.search.includes('+') ? ' (in a query, a plus is written %2B)' : ''
}

/** How a field of a query that is no text is written. Other texts stay as they are, for the schema to refuse. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  ids: text => text.split(',').map(numberOf),
  top: numberOf,
  fill: text => ({ true: true, false: false })[text] ?? text,
}

function fieldsOf(query: Readonly<Partial<Record<string, string>>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => [name, READERS[name]?.(text!) ?? text]),
  )
}

function numberOf(text: string): number | string {
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text
}
