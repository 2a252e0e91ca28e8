import type { MessagePort } from 'node:worker_threads'
import { BannerTable } from '../banners/banner-table.ts'
import { KnownBanners } from '../banners/known-banners.ts'
import type { ThreadBanners } from '../banners/thread-banners.ts'
import { collectGarbage } from '../base/collect-garbage.ts'
import type { BannerBuffers, FromRequestThread, Publication } from '../messages.ts'
import type { Refreshes } from './refreshes.ts'

/** A request thread's side of the banners: takes what main sends, and tells main what it wants. */
export class BannerLink implements ThreadBanners {
  readonly lookup = new KnownBanners()
  readonly #port: Pick<MessagePort, 'postMessage'>
  readonly #refreshes: Pick<Refreshes, 'ask'>

  constructor(port: Pick<MessagePort, 'postMessage'>, refreshes: Pick<Refreshes, 'ask'>) {
    this.#port = port
    this.#refreshes = refreshes
  }

  /** What main knew when it made this thread. */
  begin({ base, overlay }: BannerBuffers): void {
    this.lookup.replace({ base: new BannerTable(base), overlay: new BannerTable(overlay) })
  }

  take({ base, overlay }: Publication & { kind: 'banners' }): void {
    const before = this.lookup.tables
    this.lookup.replace({
      base: base === null ? before!.base : new BannerTable(base),
      overlay: new BannerTable(overlay),
    })
    // After they are in force: main tells whoever changed a banner that the change is in force.
    this.#port.postMessage({ kind: 'taken' } satisfies FromRequestThread)
    // Last: main and the other threads do not wait for it. Without it, the base before would stay in memory.
    if (before !== null && base !== null) collectGarbage()
  }

  refresh(): Promise<void> {
    return this.#refreshes.ask('banners', 'change')
  }
}
