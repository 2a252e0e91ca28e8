import Joi from '@hapi/joi'
import { anyOrigin } from '../api/operations/documented-answers.ts'
import type { Operation } from '../api/operations/operation.ts'
import { documentationFiles } from './documentation/files.ts'
import { cachedHeaders, documentedPage, documentedUnchanged, pageFileOperation } from './page-operations.ts'

const documentHeaders = { ...cachedHeaders, 'Access-Control-Allow-Origin': anyOrigin }

export const readDocument: Operation = {
  operationId: 'readDocument',
  access: 'public',
  tags: ['Documentation'],
  summary: 'This document, OpenAPI 3.1',
  responses: {
    200: {
      description: 'The document.',
      headers: documentHeaders,
      content: {
        'application/json': {
          schema: Joi.object().unknown(),
          examples: { beginning: { value: { openapi: '3.1.1', info: {}, paths: {} } } },
        },
      },
    },
    304: documentedUnchanged(documentHeaders),
  },
}

export const showDocument: Operation = {
  operationId: 'showDocument',
  access: 'public',
  tags: ['Documentation'],
  summary: 'This page',
  responses: documentedPage('The page.', { 'text/html': '<!doctype html>…' }),
}

export const showDocumentFile = pageFileOperation({
  operationId: 'showDocumentFile',
  tag: 'Documentation',
  page: '/documentation',
  files: documentationFiles,
  beginnings: { 'text/css': '.swagger-ui{…', 'text/javascript': 'SwaggerUIBundle({…' },
})
