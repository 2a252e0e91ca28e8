import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import type { Operation, Route } from './operations/operation.ts'

const FIELD_NAMES = /^[\w!#$%&'*+.^`|~-]+(?:[\t ]*,[\t ]*[\w!#$%&'*+.^`|~-]+)*$/
const MAX_FIELD_NAMES_LENGTH = 1024

/** OPTIONS: a browser asks this before it sends an unusual request for a page of another origin. */
export function preflightRoute(path: string, methods: string, operation: Operation): Route {
  return {
    method: 'OPTIONS',
    path,
    options: { plugins: { operation } },
    handler: (request, h) => answerPreflight(request, h, methods),
  }
}

export function answerPreflight({ raw }: Request, h: ResponseToolkit, methods: string): ResponseObject {
  return h
    .response()
    .code(204)
    .header('access-control-allow-origin', '*')
    .header('access-control-allow-methods', methods)
    .header('access-control-allow-headers', allowedFields(raw.req.headers['access-control-request-headers']))
    .header('access-control-max-age', '86400')
}

/** Names all fields that are asked for. With credentials, `*` would only allow a field of that name. */
function allowedFields(asked: string | undefined): string {
  return asked !== undefined && asked.length <= MAX_FIELD_NAMES_LENGTH && FIELD_NAMES.test(asked)
    ? asked
    : '*'
}
