import Boom from '@hapi/boom'
import type { Request, ResponseObject, ResponseToolkit } from '@hapi/hapi'
import type { BannerStore } from '../../../../db/banners/banner-store.ts'
import type { Banner } from '../../../banners/banner.ts'
import { parseBannerId, wrongBannerId } from '../../../banners/banner-id.ts'
import { bannerBody } from '../../../banners/banner-schema.ts'
import type { ThreadBanners } from '../../../banners/thread-banners.ts'
import type { Admission } from '../../access/admission.ts'
import { orRefusal, type Refusals } from '../or-refusal.ts'
import { BANNERS_UNAVAILABLE } from './documented.ts'

export interface BannerRoutesOptions {
  readonly admission: Pick<Admission, 'admit' | 'find'>
  readonly banners: ThreadBanners
  readonly bannerStore: BannerStore
}

const REFUSALS: Refusals = {
  status: {
    BANNER_INVALID: 400,
    BANNER_UNKNOWN: 404,
    BANNER_CHANGED: 412,
    BANNERS_BUSY: 503,
    IMPORT_INVALID: 400,
    IMPORT_UNSPOOLED: 503,
  },
  unavailable: BANNERS_UNAVAILABLE,
}

/** What the store says. Rejects with the answer when it does not. */
export function fromStore<Result>(request: Request, work: Promise<Result>): Promise<Result> {
  return orRefusal(request, work, REFUSALS)
}

/** Resolves when the change is in force in all threads of this instance. Rejects with the answer. */
export async function change<Result>(
  request: Request,
  work: Promise<Result>,
  { banners }: BannerRoutesOptions,
): Promise<Result> {
  const result = await fromStore(request, work)
  // After the change, which it has main read: the caller's next click must find it.
  await banners.refresh()
  return result
}

/**
 * The name of the caller's key. To be asked for after the body is read: it may come minutes after the head, and with a
 * key that is over by then nobody may change anything. Rejects with the answer.
 */
export async function callerOf(request: Request, { admission }: BannerRoutesOptions): Promise<string> {
  // Not null: the scope manage is never open.
  return (await admission.admit(request, 'manage'))!.name
}

/** The banner id in the path. Throws 400. */
export function idOf(request: Request): number {
  const text = request.params.id as string
  const id = parseBannerId(text)
  if (id === null) throw Boom.badRequest(wrongBannerId(text))
  return id
}

export function notRegistered(id: number): Boom.Boom {
  return Boom.notFound(`banner ${id} is not registered: PUT registers it`)
}

/** A banner, with its version. */
export function answerBanner(h: ResponseToolkit, banner: Banner): ResponseObject {
  return withVersion(h.response(bannerBody(banner)), banner)
}

export function withVersion(answer: ResponseObject, { version }: Pick<Banner, 'version'>): ResponseObject {
  // Not another one for a compressed answer: clients send it back in If-Match. No cache has both.
  return answer.etag(version, { weak: false, vary: false }).header('cache-control', 'no-store')
}
