import type { Request } from '@hapi/hapi'
import { accessAnswers } from './operations/access-answers.ts'
import { generalAnswers } from './operations/documented-answers.ts'
import type { DocumentedAnswer, Operation, Route } from './operations/operation.ts'

/** Headers that are on every answer of some routes, errors too. */
interface AnswerHeaders {
  /** Names in lower case. To be called once an answer is known. */
  readonly of: (request: Request) => Readonly<Record<string, string>>
  /** What the document says of them. */
  readonly documented: (statusCode: number) => DocumentedAnswer['headers']
}

/** The routes with these headers. A `vary` is added to what the answer has. */
export function withHeaders(routes: readonly Route[], headers: AnswerHeaders): Route[] {
  return routes.map(route => {
    const { plugins, ...options } = route.options
    return {
      ...route,
      options: {
        ...options,
        plugins: { ...plugins, operation: documented(route.path, plugins.operation!, headers) },
        ext: {
          onPreResponse: {
            method: (request, h) => {
              const { response } = request
              const present = response instanceof Error ? response.output.headers : response.headers
              const { vary } = present
              Object.assign(present, headers.of(request))
              if (vary !== undefined && vary !== present.vary) present.vary = `${vary},${present.vary}`
              return h.continue
            },
          },
        },
      },
    }
  })
}

function documented(path: string, operation: Operation, headers: AnswerHeaders): Operation {
  const answers = { ...generalAnswers(path), ...accessAnswers(operation.access), ...operation.responses }
  const responses = Object.entries(answers).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...headers.documented(Number(status)) } },
  ])
  return { ...operation, responses: Object.fromEntries(responses) }
}
