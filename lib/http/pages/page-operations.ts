import Joi from '@hapi/joi'
import { errorAnswer, fixedHeader } from '../api/operations/answers.ts'
import type { Answer, Answers, Header, Operation, Tag } from '../api/operations/operation.ts'
import { noSuchFile } from './pages.ts'

/** Headers of what browsers keep and ask about every time. */
export const cachedHeaders: Readonly<Record<string, Header>> = {
  'Cache-Control': fixedHeader('no-cache', 'It may be kept, and has to be asked about every time.'),
  ETag: {
    description: 'For If-None-Match.',
    required: true,
    schema: Joi.string().pattern(/^"[\w-]+"$/),
  },
}

const pageHeaders: Readonly<Record<string, Header>> = {
  ...cachedHeaders,
  'Content-Security-Policy': {
    description: 'The page loads from this service alone, and nothing inline runs.',
    required: true,
    schema: Joi.string().pattern(/^default-src 'none'; script-src 'self'; style-src 'self';/),
  },
  'X-Content-Type-Options': fixedHeader('nosniff', 'It is what its type says.'),
  'Referrer-Policy': fixedHeader('no-referrer', 'Links away from the page tell nobody where it is.'),
}

/** 304 to a request with If-None-Match. */
export function unchangedAnswer(headers: NonNullable<Answer['headers']>): Answer {
  return { description: 'Unchanged since the version that If-None-Match names.', headers }
}

/** What a page, or a file of one, is answered with: `beginnings` by media type, for the examples. */
export function pageAnswers(description: string, beginnings: Readonly<Record<string, string>>): Answers {
  const content = Object.entries(beginnings).map(([type, value]) => [
    type,
    { schema: Joi.string(), examples: { beginning: { value } } },
  ])
  return {
    200: { description, headers: pageHeaders, content: Object.fromEntries(content) },
    304: unchangedAnswer(pageHeaders),
  }
}

/** GET of the files that the page at `path` loads: `beginnings` by the media types that there are. */
export function pageFileOperation({
  operationId,
  tag,
  path,
  files,
  beginnings,
}: {
  operationId: string
  tag: Tag
  path: string
  files: ReadonlyMap<string, URL>
  beginnings: Readonly<Record<string, string>>
}): Operation {
  const names = [...files.keys()]
  return {
    operationId,
    tags: [tag],
    summary: 'A file of the page',
    parameters: [
      {
        name: 'file',
        in: 'path',
        required: true,
        description: 'Its name.',
        schema: Joi.string().valid(...names),
        examples: { first: { value: names[0] } },
      },
    ],
    responses: {
      ...pageAnswers('The file.', beginnings),
      404: errorAnswer(404, 'There is no such file.', noSuchFile(path)),
    },
  }
}
