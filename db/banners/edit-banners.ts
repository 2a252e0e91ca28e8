import type pg from 'pg'
import type { Banner, BannerContent } from '../../lib/banners/banner.ts'
import { expectPeriod } from '../../lib/banners/banner-schema.ts'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { changeBanners } from './change-banners.ts'
import { deleteBanner, differenceOf, readBanners, writeBanners, writtenBanner } from './write-banners.ts'

/** The versions that a banner may have when it is changed; `*`: any, but it must be registered. null: no matter. */
type IfVersion = string | readonly string[] | null

export interface Edit {
  /** The name of the key that changes it, or `shell`. */
  readonly by: string
  readonly ifVersion: IfVersion
}

export interface Put extends Edit {
  /** Only when it is not registered yet. */
  readonly ifNoneExists: boolean
}

export interface PutBanner {
  readonly banner: Banner
  readonly isNew: boolean
}

/*
 * A banner that is as wanted already stays as it is, with its version. Each function throws a ClickCounterError:
 * BANNER_CHANGED when the banner is not as the condition says, BANNER_INVALID when it would never be active,
 * BANNERS_BUSY.
 */

/** Registers a banner, or replaces all that it has. */
export async function putBanner(
  client: pg.ClientBase,
  id: number,
  content: BannerContent,
  { by, ifVersion, ifNoneExists }: Put,
): Promise<PutBanner> {
  expectPeriod(content)
  return await changeBanners(client, by, async revision => {
    const present = await readBanner(client, id)
    if (ifNoneExists && present !== null)
      throw changed(`banner ${id} is registered already: leave out If-None-Match to replace it`)
    expectVersion(id, present, ifVersion)
    const banner = { ...content, id }
    const difference = differenceOf(id, present, banner)
    if (difference === null) return { result: { banner: present!, isNew: false }, isChanged: false }
    await writeBanners(client, revision, [banner], [difference])
    return {
      result: { banner: writtenBanner(banner, revision), isNew: present === null },
      isChanged: true,
    }
  })
}

/** Replaces some of what a banner has. Throws BANNER_UNKNOWN as well. */
export async function patchBanner(
  client: pg.ClientBase,
  id: number,
  change: Partial<BannerContent>,
  { by, ifVersion }: Edit,
): Promise<Banner> {
  return await changeBanners(client, by, async revision => {
    const present = expectKnown(id, await readBanner(client, id))
    expectVersion(id, present, ifVersion)
    const banner = { ...present, ...change }
    expectPeriod(banner)
    const difference = differenceOf(id, present, banner)
    if (difference === null) return { result: present, isChanged: false }
    await writeBanners(client, revision, [banner], [difference])
    return { result: writtenBanner(banner, revision), isChanged: true }
  })
}

/** Takes a banner out. Its changes stay. Throws BANNER_UNKNOWN as well. */
export async function removeBanner(
  client: pg.ClientBase,
  id: number,
  { by, ifVersion }: Edit,
): Promise<void> {
  await changeBanners(client, by, async revision => {
    const present = expectKnown(id, await readBanner(client, id))
    expectVersion(id, present, ifVersion)
    await deleteBanner(client, revision, differenceOf(id, present, null)!)
    return { result: undefined, isChanged: true }
  })
}

/** null: nobody registered it. */
export async function readBanner(client: pg.ClientBase, id: number): Promise<Banner | null> {
  return (await readBanners(client, [id])).get(id) ?? null
}

function expectKnown(id: number, banner: Banner | null): Banner {
  if (banner !== null) return banner
  throw new ClickCounterError('BANNER_UNKNOWN', `banner ${id} is not registered: PUT registers it`)
}

function expectVersion(id: number, banner: Banner | null, ifVersion: IfVersion): void {
  if (ifVersion === null) return
  if (banner === null) throw changed(`banner ${id} is not registered: leave out If-Match to register it`)
  const versions = typeof ifVersion === 'string' ? [ifVersion] : ifVersion
  if (versions.includes('*') || versions.includes(banner.version)) return
  throw changed(`somebody else has changed banner ${id} meanwhile: read it again, and change that`)
}

function changed(message: string): ClickCounterError {
  return new ClickCounterError('BANNER_CHANGED', message)
}
