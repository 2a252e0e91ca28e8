import Joi from '@hapi/joi'
import { anyOrigin, errorAnswer } from '../documentation/answers.ts'
import { readerFiles } from '../documentation/files.ts'
import type { Operation } from '../documentation/operation.ts'
import { cachedHeaders, pageAnswers, unchangedAnswer } from '../documentation/page.ts'

const documentHeaders = { ...cachedHeaders, 'Access-Control-Allow-Origin': anyOrigin }

export const readDocument: Operation = {
  operationId: 'readDocument',
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
    304: unchangedAnswer(documentHeaders),
  },
}

export const showDocument: Operation = {
  operationId: 'showDocument',
  tags: ['Documentation'],
  summary: 'This page',
  responses: pageAnswers('The page.', { 'text/html': '<!doctype html>…' }),
}

export const showDocumentFile: Operation = {
  operationId: 'showDocumentFile',
  tags: ['Documentation'],
  summary: 'A file of this page',
  parameters: [
    {
      name: 'file',
      in: 'path',
      required: true,
      description: 'Its name.',
      schema: Joi.string().valid(...readerFiles.keys()),
      examples: { style: { value: 'swagger-ui.css' } },
    },
  ],
  responses: {
    ...pageAnswers('The file.', { 'text/css': '.swagger-ui{…', 'text/javascript': 'SwaggerUIBundle({…' }),
    404: errorAnswer(
      404,
      'There is no such file.',
      `the files here are ${[...readerFiles.keys()].join(', ')}`,
    ),
  },
}
