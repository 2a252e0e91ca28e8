import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { bannerChangeSchema, bannerSchema, changeOf, contentOf } from '../../../banners/banner-schema.ts'
import { changeBody } from '../banners/answers.ts'
import {
  answerBanner,
  type BannerRoutesOptions,
  callerOf,
  change,
  fromStore,
  idOf,
  notRegistered,
  withVersion,
} from '../banners/calls.ts'
import { readBody, unreadAnything } from '../body.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { cutPage, readPage } from '../page-query.ts'
import { isNamed, type NamedVersions, readIfMatch, readIfNoneMatch } from '../preconditions.ts'
import { readQuery } from '../query.ts'
import { readValid } from '../valid-body.ts'
import {
  changeBanner,
  deleteBanner,
  listBannerChanges,
  MAX_BANNER_BYTES,
  putBanner,
  readBanner,
} from './banner-operations.ts'

const PATH = '/banners/{id}'
const BODY = {
  maxBytes: MAX_BANNER_BYTES,
  example: '{"name":"Autumn sale","target":"https://shop.example/"}',
}
/** A body without a type is not taken for JSON: pages of others can send one without asking. */
const PAYLOAD = { ...unreadJson('application/json'), defaultContentType: 'application/octet-stream' }

/** /banners/{id}: one banner, and what became of it. */
export function bannerRoutes(options: BannerRoutesOptions): Route[] {
  return [
    readRoute(options),
    putRoute(options),
    patchRoute(options),
    deleteRoute(options),
    changesRoute(options),
  ]
}

function readRoute({ bannerStore }: BannerRoutesOptions): Route {
  return {
    method: 'GET',
    path: PATH,
    options: { plugins: { operation: readBanner } },
    handler: async (request, h) => {
      readQuery(request, [])
      const id = idOf(request)
      const [wanted, unwanted] = [readIfMatch(request), readIfNoneMatch(request)]
      const banner = await fromStore(request, bannerStore.get(id))
      if (banner === null) throw notRegistered(id)
      if (wanted !== null && !isNamed(banner.version, wanted))
        throw Boom.preconditionFailed(`banner ${id} has another version than If-Match names`)
      return isNamed(banner.version, unwanted)
        ? withVersion(h.response().code(304), banner)
        : answerBanner(h, banner)
    },
  }
}

function putRoute(options: BannerRoutesOptions): Route {
  return {
    method: 'PUT',
    path: PATH,
    options: { payload: PAYLOAD, plugins: { operation: putBanner } },
    handler: async (request, h) => {
      readQuery(request, [])
      const id = idOf(request)
      const ifNoneExists = readIfNoneExists(request)
      const ifVersion = readIfMatch(request)
      const body = await readValid(request, bannerSchema, BODY)
      expectId(body.id, id)
      const by = await callerOf(request, options)
      // A function, so that what is wrong with the content rejects like all the rest.
      const put = async () => options.bannerStore.put(id, contentOf(body), { by, ifVersion, ifNoneExists })
      const { banner, isNew } = await change(request, put(), options)
      const answer = answerBanner(h, banner)
      // Relative, because a proxy may have put a path in front of this one.
      return isNew ? answer.created(`../banners/${id}`) : answer
    },
  }
}

function patchRoute(options: BannerRoutesOptions): Route {
  return {
    method: 'PATCH',
    path: PATH,
    options: { payload: PAYLOAD, plugins: { operation: changeBanner } },
    handler: async (request, h) => {
      const { id, ifVersion } = readEdit(request)
      const body = await readValid(request, bannerChangeSchema, BODY)
      expectId(body.id, id)
      const by = await callerOf(request, options)
      const patched = options.bannerStore.patch(id, changeOf(body), { by, ifVersion })
      return answerBanner(h, await change(request, patched, options))
    },
  }
}

function deleteRoute(options: BannerRoutesOptions): Route {
  return {
    method: 'DELETE',
    path: PATH,
    options: { payload: unreadAnything, plugins: { operation: deleteBanner } },
    handler: async (request, h) => {
      const { id, ifVersion } = readEdit(request)
      if (request.payload) await readBody(request, MAX_BANNER_BYTES)
      const by = await callerOf(request, options)
      await change(request, options.bannerStore.remove(id, { by, ifVersion }), options)
      return h.response().code(204).header('cache-control', 'no-store')
    },
  }
}

function changesRoute({ bannerStore }: BannerRoutesOptions): Route {
  return {
    method: 'GET',
    path: `${PATH}/changes`,
    options: { plugins: { operation: listBannerChanges } },
    handler: async (request, h) => {
      const page = readPage(readQuery(request, ['limit', 'after']))
      const id = idOf(request)
      const read = bannerStore.changes(id, { limit: page.limit + 1, before: page.after })
      const changes = await fromStore(request, read)
      // A banner that is registered has a change at least: the one that has registered it.
      if (changes.length === 0 && page.after === null) throw notRegistered(id)
      const { entries, next } = cutPage(changes, page, ({ revision }) => revision)
      return h.response({ changes: entries.map(changeBody), next }).header('cache-control', 'no-store')
    },
  }
}

/** What is asked of a banner that must be there. */
function readEdit(request: Request): { readonly id: number; readonly ifVersion: NamedVersions } {
  readQuery(request, [])
  if (readIfNoneMatch(request) !== null)
    throw Boom.badRequest('If-None-Match is for GET and PUT: name the version that you have seen in If-Match')
  return { id: idOf(request), ifVersion: readIfMatch(request) }
}

/** Whether the banner may be made, but not replaced. Throws 400. */
function readIfNoneExists(request: Request): boolean {
  const versions = readIfNoneMatch(request)
  if (versions === null || versions === '*') return versions !== null
  throw Boom.badRequest('with PUT, If-None-Match can be *: only if there is no such banner')
}

function expectId(inBody: number | undefined, inPath: number): void {
  if (inBody !== undefined && inBody !== inPath)
    throw Boom.badRequest(`the body is of banner ${inBody} and the path of ${inPath}: an id never changes`)
}
