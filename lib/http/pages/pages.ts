import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import Boom from '@hapi/boom'
import type { ResponseToolkit, ServerRoute } from '@hapi/hapi'
import type { Operation } from '../api/operations/operation.ts'

/**
 * A page speaks to this service alone: nothing inline runs, neither script nor style, and what gets into it
 * cannot call home. data: is for the icons in style sheets. No other page may frame it: who wants the figures
 * elsewhere reads /health, which any origin may.
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

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}

interface Asset {
  readonly body: Buffer
  /** Of the content: the same from every thread and every instance of this version. */
  readonly etag: string
}

/** By address. Read when it is first asked for, once for all who ask meanwhile: most threads never show a page. */
const assets = new Map<string, Promise<Asset>>()

/** GET of a page. */
export function pageRoute(path: string, page: URL, operation: Operation): ServerRoute {
  return {
    method: 'GET',
    path,
    options: { plugins: { operation } },
    handler: (_request, h) => answerFile(h, page),
  }
}

/** GET of the files under `path`: a name that is not among them meets no file system. */
export function pageFilesRoute(
  path: string,
  files: ReadonlyMap<string, URL>,
  operation: Operation,
): ServerRoute {
  return {
    method: 'GET',
    path: `${path}/{file}`,
    options: { plugins: { operation } },
    handler: (request, h) => {
      const file = files.get(request.params.file as string)
      if (file === undefined) throw Boom.notFound(noSuchFile(path))
      return answerFile(h, file)
    },
  }
}

/** The message of 404. */
export function noSuchFile(path: string): string {
  return `there is no such file; the page is ${path}`
}

async function answerFile(h: ResponseToolkit, file: URL) {
  const { body, etag } = await assetAt(file)
  return (
    h
      .response(body)
      .type(TYPES[extname(file.pathname)]!)
      .etag(etag)
      // Kept, and asked about every time: after an update no page is made of old and new files.
      .header('cache-control', 'no-cache')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
  )
}

function assetAt(file: URL): Promise<Asset> {
  const known = assets.get(file.href)
  if (known !== undefined) return known
  const asset = readAsset(file)
  assets.set(file.href, asset)
  // The next one tries again: a file that could not be opened now may be later.
  asset.catch(() => assets.delete(file.href))
  return asset
}

async function readAsset(file: URL): Promise<Asset> {
  const body = await readFile(file)
  return { body, etag: createHash('sha256').update(body).digest('base64url') }
}
