import { createHash } from 'node:crypto'
import { openApiDocument } from '../api/operations/document.ts'
import type { Route } from '../api/operations/operation.ts'
import { documentationFiles, documentationPage } from './documentation/files.ts'
import { readDocument, showDocument, showDocumentFile } from './documentation-operations.ts'
import { pageFilesRoute, pageRoute } from './pages.ts'

/** GET /openapi.json, made of the operations of all routes, and GET /documentation, a page that shows it. */
export function documentationRoutes(): Route[] {
  let document: { readonly text: string; readonly etag: string } | null = null
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      options: { plugins: { operation: readDocument } },
      handler: (request, h) => {
        document ??= withEtag(JSON.stringify(openApiDocument(request.server.table())))
        return h
          .response(document.text)
          .type('application/json')
          .etag(document.etag)
          .header('cache-control', 'no-cache')
          .header('access-control-allow-origin', '*')
      },
    },
    pageRoute('/documentation', documentationPage, showDocument),
    pageFilesRoute('/documentation', documentationFiles, showDocumentFile),
  ]
}

function withEtag(text: string) {
  return { text, etag: createHash('sha256').update(text).digest('base64url') }
}
