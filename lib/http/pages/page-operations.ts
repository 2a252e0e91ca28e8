import Joi from '@hapi/joi'
import { documentedError, fixedHeader } from '../api/operations/documented-answers.ts'
import type {
  DocumentedAnswer,
  DocumentedAnswers,
  Header,
  Operation,
  Tag,
} from '../api/operations/operation.ts'
import { noSuchFile } from './pages.ts'

/** Headers of a file that browsers keep, and ask about each time. */
export const cachedHeaders: Readonly<Record<string, Header>> = {
  'Cache-Control': fixedHeader(
    'no-cache',
    'A cache may keep it, and must ask each time whether it has changed.',
  ),
  ETag: {
    description: 'For If-None-Match.',
    required: true,
    schema: Joi.string().pattern(/^"[\w-]+"$/),
  },
}

const pageHeaders: Readonly<Record<string, Header>> = {
  ...cachedHeaders,
  'Content-Security-Policy': {
    description: 'The page loads from this service alone. Nothing inline runs.',
    required: true,
    schema: Joi.string().pattern(/^default-src 'none'; script-src 'self'; style-src 'self';/),
  },
  'X-Content-Type-Options': fixedHeader('nosniff', 'Browsers must believe the type.'),
  'Referrer-Policy': fixedHeader(
    'no-referrer',
    'A link that leaves the page does not say where it came from.',
  ),
}

/** 304 to a request with If-None-Match. */
export function documentedUnchanged(headers: NonNullable<DocumentedAnswer['headers']>): DocumentedAnswer {
  return { description: 'Unchanged since the version that If-None-Match names.', headers }
}

/** The answers of a page, or of a file of one. `beginnings`: how a file begins, by media type. */
export function documentedPage(
  description: string,
  beginnings: Readonly<Record<string, string>>,
): DocumentedAnswers {
  const content = Object.entries(beginnings).map(([type, value]) => [
    type,
    { schema: Joi.string(), examples: { beginning: { value } } },
  ])
  return {
    200: { description, headers: pageHeaders, content: Object.fromEntries(content) },
    304: documentedUnchanged(pageHeaders),
  }
}

/** GET of files that the page at `page` loads. `beginnings`: see documentedPage. */
export function pageFileOperation({
  operationId,
  tag,
  page,
  files,
  beginnings,
}: {
  operationId: string
  tag: Tag
  page: string
  files: ReadonlyMap<string, URL>
  beginnings: Readonly<Record<string, string>>
}): Operation {
  const names = [...files.keys()]
  return {
    operationId,
    access: 'public',
    tags: [tag],
    summary: 'A file of the page',
    parameters: [
      {
        name: 'file',
        in: 'path',
        required: true,
        description: 'The name of the file.',
        schema: Joi.string().valid(...names),
        examples: { first: { value: names[0] } },
      },
    ],
    responses: {
      ...documentedPage('The file.', beginnings),
      404: documentedError(404, 'There is no such file.', noSuchFile(page)),
    },
  }
}
