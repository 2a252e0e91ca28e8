import type { RequestRoute } from '@hapi/hapi'
import Joi from '@hapi/joi'
import { version } from '../../../base/version.ts'
import { accessAnswers, securityOf, securitySchemes } from './access-answers.ts'
import { generalAnswers, generalHeaders } from './documented-answers.ts'
import type { DocumentedAnswers, Tag } from './operation.ts'

const TAGS: Readonly<Record<Tag, string>> = {
  Counting: 'Counts clicks. Each click is answered once it is in the journal, and is counted exactly once.',
  Reading: 'Clicks per minute.',
  Banners: 'Which banners there are, where their clicks lead, and who changed that.',
  Health: 'The state of the service. It is read from memory: asking is cheap and does not slow clicks.',
  Keys: 'Who may use the rest. Changes are in force on all instances within 2 s.',
  Dashboard: 'A page that shows the same state, and the clicks of a banner.',
  Documentation: 'This document, and a page that shows it.',
}

const DESCRIPTION = `Counts banner clicks, by banner and minute. A request brings one click, or many.

A banner id is a whole number from 1 to 2147483647, without sign, leading zeros or exponent.
Every route that answers \`GET\` answers \`HEAD\` too, with the same headers and no body. \`HEAD\` never counts.
Counting and reading need no key as long as there is none. What changes something always needs one.
Every error has the shape \`Error\`. Its message says what is wrong and what would be right. A path that is not
listed here gets 404. A method that a path does not list gets 405 with \`Allow\`. A 500 is a fault of the service.
Later versions may add fields and headers.`

type Json = { [key: string]: unknown }

/** The OpenAPI 3.1 document: the operations of all routes; see operation.ts. */
export function openApiDocument(routes: readonly RequestRoute[]) {
  const schemas: Json = {}
  const paths: { [path: string]: Json } = {}
  for (const { method, path, settings } of routes) {
    const operation = settings.plugins?.operation
    if (operation === undefined || operation === null) continue
    const { access, ...documented } = operation
    const responses = withGeneralHeaders({
      ...generalAnswers(path),
      ...accessAnswers(access),
      ...operation.responses,
    })
    const security = securityOf(access)
    paths[path] = { ...paths[path], [method]: withoutJoi({ ...documented, security, responses }, schemas) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'clickcounter',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas, securitySchemes },
  }
}

function withGeneralHeaders(answers: DocumentedAnswers): DocumentedAnswers {
  return Object.fromEntries(
    Object.entries(answers).map(([statusCode, answer]) => [
      statusCode,
      { ...answer, headers: { ...generalHeaders, ...answer.headers } },
    ]),
  )
}

/** A copy of `value` with a JSON Schema in place of each Joi schema. Adds the labelled ones to `schemas`. */
function withoutJoi(value: unknown, schemas: Json): unknown {
  if (Joi.isSchema(value)) return jsonSchema(value, schemas)
  if (Array.isArray(value)) return value.map(item => withoutJoi(item, schemas))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutJoi(item, schemas)]))
}

function jsonSchema(schema: Joi.Schema, schemas: Json): Json {
  const name: string | undefined = schema.$_getFlag('label')
  if (name === undefined) return convert(schema)
  schemas[name] ??= convert(schema)
  return { $ref: `#/components/schemas/${name}` }
}

/** Converts it as an input, also for answers: in an output, Joi takes a field with a default for required. */
function convert(schema: Joi.Schema): Json {
  return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
}
