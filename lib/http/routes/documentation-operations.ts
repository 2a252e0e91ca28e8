import Joi from '@hapi/joi'
import { anyOrigin, errorAnswer, fixedHeader } from '../documentation/answers.ts'
import { readerFiles } from '../documentation/files.ts'
import type { Answer, Header, Operation } from '../documentation/operation.ts'

const cached = {
  'Cache-Control': fixedHeader('no-cache', 'It may be kept, and has to be asked about every time.'),
  ETag: {
    description: 'For If-None-Match.',
    required: true,
    schema: Joi.string().pattern(/^"[\w-]+"$/),
  },
}

const pageHeaders: Record<string, Header> = {
  ...cached,
  'Content-Security-Policy': {
    description: 'The page loads from this service alone, and nothing inline runs.',
    required: true,
    schema: Joi.string().pattern(/^default-src 'none'; script-src 'self'; style-src 'self';/),
  },
  'X-Content-Type-Options': fixedHeader('nosniff', 'It is what its type says.'),
  'Referrer-Policy': fixedHeader('no-referrer', 'Links away from the page tell nobody where it is.'),
}

const text = (type: string, value: string) => ({
  [type]: { schema: Joi.string(), examples: { beginning: { value } } },
})

const unchanged = (headers: Answer['headers'] = cached): Answer => ({
  description: 'Unchanged since the version that If-None-Match names.',
  headers,
})

export const readDocument: Operation = {
  operationId: 'readDocument',
  tags: ['Documentation'],
  summary: 'This document, OpenAPI 3.1',
  responses: {
    200: {
      description: 'The document.',
      headers: { ...cached, 'Access-Control-Allow-Origin': anyOrigin },
      content: {
        'application/json': {
          schema: Joi.object().unknown(),
          examples: { beginning: { value: { openapi: '3.1.1', info: {}, paths: {} } } },
        },
      },
    },
    304: unchanged({ ...cached, 'Access-Control-Allow-Origin': anyOrigin }),
  },
}

export const showDocument: Operation = {
  operationId: 'showDocument',
  tags: ['Documentation'],
  summary: 'This page',
  responses: {
    200: { description: 'HTML.', headers: pageHeaders, content: text('text/html', '<!doctype html>…') },
    304: unchanged(pageHeaders),
  },
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
    200: {
      description: 'The file.',
      headers: pageHeaders,
      content: { ...text('text/css', '.swagger-ui{…'), ...text('text/javascript', 'SwaggerUIBundle({…') },
    },
    304: unchanged(pageHeaders),
    404: errorAnswer(
      404,
      'There is no such file.',
      `the files here are ${[...readerFiles.keys()].join(', ')}`,
    ),
  },
}
