import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import Boom from '@hapi/boom'
import type { ResponseToolkit } from '@hapi/hapi'
import type { Operation, Route } from '../api/operations/operation.ts'

/**
 * A page loads from this service alone. No inline script or style runs, and a script that got into the page
 * could not call home. data: is for the icons in stylesheets. No other page may frame it: other pages can
 * read the same figures from /health.
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
  /** A hash of the content, so it is the same from every thread, and from every instance of this version. */
  readonly etag: string
}

/** By address. A file is read at its first request, because most threads never show a page. */
const assets = new Map<string, Promise<Asset>>()

/** GET of a page. */
export function pageRoute(path: string, page: URL, operation: Operation): Route {
  return {
    method: 'GET',
    path,
    options: { plugins: { operation } },
    handler: (_request, h) => answerFile(h, page),
  }
}

/** GET of files under `path` that the page at `page` loads. A name that is not among `files` never reaches the file system. */
export function pageFilesRoute(
  path: string,
  files: ReadonlyMap<string, URL>,
  operation: Operation,
  page = path,
): Route {
  return {
    method: 'GET',
    path: `${path}/{file}`,
    options: { plugins: { operation } },
    handler: (request, h) => {
      const file = files.get(request.params.file as string)
      if (file === undefined) throw Boom.notFound(noSuchFile(page))
      return answerFile(h, file)
    },
  }
}

/** The message of the 404 to a name that is not among a page's files. */
export function noSuchFile(page: string): string {
  return `there is no such file; the page is ${page}`
}

async function answerFile(h: ResponseToolkit, file: URL) {
  const { body, etag } = await assetAt(file)
  return (
    h
      .response(body)
      .type(TYPES[extname(file.pathname)]!)
      .etag(etag)
      // Browsers ask about a file that they keep each time, so that no page mixes files of two versions.
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
  // A failure is forgotten, so that the next request tries again: the file may be readable by then.
  asset.catch(() => assets.delete(file.href))
  return asset
}

async function readAsset(file: URL): Promise<Asset> {
  const body = await readFile(file)
  return { body, etag: createHash('sha256').update(body).digest('base64url') }
}
