import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import Boom from '@hapi/boom'
import type { ResponseToolkit, ServerRoute } from '@hapi/hapi'
import { openApiDocument } from '../documentation/document.ts'
import { type ReaderFile, readerFiles, readerPage } from '../documentation/files.ts'
import { readDocument, showDocument, showDocumentFile } from './documentation-operations.ts'

/**
 * The page may load and ask this service alone. data: is for the icons in swagger-ui's style sheet; nothing
 * inline runs, neither script nor style.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** GET /openapi.json, made of what each route says about itself, and /documentation, a page to read it. */
export function documentationRoutes(): ServerRoute[] {
  let document: { readonly text: string; readonly etag: string } | null = null
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      options: { plugins: { openapi: readDocument } },
      handler: (request, h) => {
        document ??= withEtag(JSON.stringify(openApiDocument(request.server.table())))
        const unchanged = h.entity({ etag: document.etag })
        const answer = unchanged ?? h.response(document.text).type('application/json')
        return answer.header('cache-control', 'no-cache').header('access-control-allow-origin', '*')
      },
    },
    {
      method: 'GET',
      path: '/documentation',
      options: { plugins: { openapi: showDocument } },
      handler: (_request, h) => answerFile(h, readerPage),
    },
    {
      method: 'GET',
      path: '/documentation/{file}',
      options: { plugins: { openapi: showDocumentFile } },
      handler: (request, h) => {
        const file = readerFiles.get(request.params.file as string)
        if (file === undefined)
          throw Boom.notFound(`the files here are ${[...readerFiles.keys()].join(', ')}`)
        return answerFile(h, file)
      },
    },
  ]
}

function withEtag(text: string) {
  return { text, etag: createHash('sha256').update(text).digest('base64url') }
}

/** Kept by browsers, and asked about every time: no page is made of old and new files. */
async function answerFile(h: ResponseToolkit, { url, type }: ReaderFile) {
  const { size, mtimeMs } = await stat(url)
  const unchanged = h.entity({ etag: `${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}` })
  const answer = unchanged ?? h.response(await readFile(url)).type(type)
  return answer
    .header('cache-control', 'no-cache')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
}
