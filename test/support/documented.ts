import type Hapi from '@hapi/hapi'
import type { AnySchemaObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { Admission, type AdmissionOptions } from '../../lib/http/access/admission.ts'
import type { openApiDocument } from '../../lib/http/api/operations/document.ts'
import { createHapi } from '../../lib/http/api/server.ts'
import { allRoutes, type RoutesOptions } from '../../lib/http/routes.ts'
import { openAccess } from './keys.ts'

export type Document = ReturnType<typeof openApiDocument>

/** An answer as a client sees it. Header names are in lower case; `body` is null if it was not read. */
interface SeenAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

interface DocumentedAnswer {
  readonly headers: Readonly<Record<string, { required: boolean }>>
  readonly content?: Readonly<Record<string, object>>
}

interface DocumentedOperation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, DocumentedAnswer>>
}

/** Headers of the connection, and Content-Type, which OpenAPI documents by the keys of `content`. */
const TRANSPORT = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding']

/** The server with all its routes. It is connected to nothing and listens nowhere. */
export function createRouteTable({ isHealthPublic = true, corsOrigins = [] as string[] } = {}): Hapi.Server {
  return createHapi({
    routes: allRoutes({ corsOrigins, sources: { config: {} } } as unknown as RoutesOptions),
    admission: new Admission({ access: openAccess() } as AdmissionOptions),
    isHealthPublic,
    reportFailure: () => {},
  })
}

/** Compares answers with the OpenAPI document. */
export class Documented {
  readonly #bodies = new Ajv2020({ strict: false, allErrors: true })
  /** Headers are text, and their schema may want numbers: types are coerced. */
  readonly #headers = new Ajv2020({ strict: false, coerceTypes: true })
  /** Longest fixed text first: /counter/{id}.gif also has the form of /counter/{id}. */
  readonly #routes: { template: string; pattern: RegExp; operations: Record<string, DocumentedOperation> }[]
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(document: Document) {
    const closed = closeObjects(document) as AnySchemaObject
    for (const ajv of [this.#bodies, this.#headers]) formats.default(ajv).addSchema(closed, 'document')
    this.#routes = Object.keys(document.paths)
      .sort((a, b) => literalLength(b) - literalLength(a))
      .map(template => ({
        template,
        pattern: pathPattern(template),
        operations: document.paths[template] as Record<string, DocumentedOperation>,
      }))
  }

  /** Every documented answer, in the form of `nameOf`. */
  names(): string[] {
    return this.#routes
      .flatMap(({ operations }) => Object.values(operations))
      .flatMap(({ operationId, responses }) =>
        Object.entries(responses).flatMap(([status, { content }]) =>
          Object.keys(content ?? { '': null }).map(type => `${operationId} ${status} ${type}`.trim()),
        ),
      )
  }

  /** Operation, status and media type, for instance `readClicks 200 text/csv`. */
  nameOf({ method, path, status, headers }: SeenAnswer): string {
    const operation = this.#find(method, path)?.operation
    const hasBody = operation?.responses[status]?.content !== undefined
    return `${operation?.operationId} ${status} ${hasBody ? mediaType(headers) : ''}`.trim()
  }

  /** How the answer differs from the document; nothing when it does not. */
  mistakes(answer: SeenAnswer): string[] {
    const { method, path, status } = answer
    const found = this.#find(method, path)
    if (found === null)
      return [404, 405].includes(status) ? [] : [`${method} ${path} is not documented: ${status}`]
    const documented = found.operation.responses[status]
    const where = `${method} ${found.template} ${status}`
    if (documented === undefined) return [`${where} is not documented`]
    const pointer = ['paths', found.template, found.method, 'responses', String(status)]
    return [
      ...this.#headerMistakes(answer, documented, pointer),
      ...this.#bodyMistakes(answer, documented, pointer),
    ].map(mistake => `${where}: ${mistake}`)
  }

  #find(method: string, path: string) {
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
    const [withoutQuery] = path.split('?', 1)
    const route = this.#routes.find(({ pattern }) => pattern.test(withoutQuery!))
    const operation = route?.operations[asked]
    return operation ? { template: route!.template, method: asked, operation } : null
  }

  #headerMistakes(
    { headers }: SeenAnswer,
    documented: DocumentedAnswer,
    pointer: readonly string[],
  ): string[] {
    const names = Object.keys(documented.headers)
    const missing = names.filter(
      name => documented.headers[name]!.required && headers[name.toLowerCase()] === undefined,
    )
    const seen = Object.keys(headers).filter(name => !TRANSPORT.includes(name))
    return [
      ...missing.map(name => `the header ${name} is missing`),
      ...seen.flatMap(header => {
        const name = names.find(candidate => candidate.toLowerCase() === header)
        if (name === undefined) return [`the header ${header} is not documented`]
        const schema = [...pointer, 'headers', name, 'schema']
        return this.#schemaMistakes(this.#headers, schema, headers[header]).map(text => `${name}${text}`)
      }),
    ]
  }

  #bodyMistakes(
    { headers, body, method }: SeenAnswer,
    documented: DocumentedAnswer,
    pointer: readonly string[],
  ) {
    const type = mediaType(headers)
    // Without a body, a type is allowed: Hapi's redirects have one.
    if (documented.content === undefined) return body ? ['there should be no body'] : []
    if (documented.content[type] === undefined) return [`the type ${JSON.stringify(type)} is not documented`]
    if (body === null || method === 'HEAD') return []
    const value = type === 'application/json' ? JSON.parse(body) : body
    const schema = [...pointer, 'content', type, 'schema']
    return this.#schemaMistakes(this.#bodies, schema, value).map(text => `the body${text}`)
  }

  #schemaMistakes(ajv: Ajv2020, pointer: readonly string[], value: unknown): string[] {
    const keys = pointer.map(key => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))
    const $ref = `document#/${keys.join('/')}`
    const validate = this.#compiled.get($ref) ?? ajv.compile({ $ref })
    this.#compiled.set($ref, validate)
    validate(value)
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }
}

/** Forbids undocumented fields. An object without documented fields stays open. */
function closeObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeObjects)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, closeObjects(item)]),
  )
  const isDescribed = copy.type === 'object' && Object.keys(copy.properties ?? {}).length > 0
  return isDescribed ? { additionalProperties: false, ...copy } : copy
}

function pathPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}

function literalLength(template: string): number {
  return template.replaceAll(/\{\w+\}/g, '').length
}

function mediaType(headers: SeenAnswer['headers']): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!
}
