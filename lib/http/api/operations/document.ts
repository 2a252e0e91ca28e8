import type { RequestRoute } from '@hapi/hapi'
import Joi from '@hapi/joi'
import { version } from '../../../base/version.ts'
import { generalAnswers, generalHeaders } from './answers.ts'
import type { Answers, Tag } from './operation.ts'

const TAGS: Readonly<Record<Tag, string>> = {
  Counting: 'Clicks come in. Each one is answered when it is safe, and counted exactly once.',
  Reading: 'Clicks per minute.',
  Health: 'The state of the service, from memory: cheap to ask, and no burden on clicks.',
  Dashboard: 'The same state, and the clicks of a banner, as a page.',
  Documentation: 'This description, and a page that shows it.',
}

const DESCRIPTION = `Counts banner clicks: one HTTP request each, or many in one, kept per banner and minute.

A banner id is a whole number from 1 to 2147483647, written plainly: no sign, no leading zeros, no exponent.
Every \`GET\` can also be asked as \`HEAD\`, which has the same headers and no body, and counts nothing.
Errors have one shape, \`Error\`; the message says what would be right. Paths that are not listed here
are answered with 404, methods that a path does not list with 405 and \`Allow\`. A 500 would be a mistake of the
service.
Fields and headers may be added.`

type Json = { [key: string]: unknown }

/** The OpenAPI 3.1 document of all routes that carry an Operation; see operation.ts. */
export function openApiDocument(routes: readonly RequestRoute[]) {
  const schemas: Json = {}
  const paths: { [path: string]: Json } = {}
  for (const { method, path, settings } of routes) {
    const operation = settings.plugins?.operation
    if (operation === undefined || operation === null) continue
    const responses = withGeneralHeaders({ ...generalAnswers, ...operation.responses })
    paths[path] = { ...paths[path], [method]: withoutJoi({ ...operation, responses }, schemas) }
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
    // Said aloud: nobody is asked who they are.
    security: [],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas },
  }
}

function withGeneralHeaders(answers: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).map(([statusCode, answer]) => [
      statusCode,
      { ...answer, headers: { ...generalHeaders, ...answer.headers } },
    ]),
  )
}

/** A copy of `value` with JSON Schemas in place of Joi's. Those with a label are added to `schemas`. */
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

/** As input also for answers: as output, Joi takes what has a default for given. */
function convert(schema: Joi.Schema): Json {
  return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
}
