import type { BannerTables } from '../banners/banner-table.ts'
import type { BannerBuffers, Publication } from '../messages.ts'
import type { OverlayMemory } from './overlay-memory.ts'

interface BannerPublisherOptions {
  /** Resolves with whether every request thread goes by the publication. */
  readonly send: (publication: Publication) => Promise<boolean>
  readonly overlays: OverlayMemory
  /** What threads are given at their start; null: nothing. */
  readonly begun: BannerTables | null
}

/** Brings tables to the request threads. A base that they have is not sent again. */
export class BannerPublisher {
  readonly #send: BannerPublisherOptions['send']
  readonly #overlays: OverlayMemory
  #published: BannerTables | null

  constructor({ send, overlays, begun }: BannerPublisherOptions) {
    this.#send = send
    this.#overlays = overlays
    this.#published = begun
  }

  /** Resolves when the tables are in force in all threads, or one does not answer in time. */
  async publish(tables: BannerTables): Promise<void> {
    const isNewBase = this.#published?.base !== tables.base
    this.#published = tables
    const { base, overlay } = buffersOf(tables)
    const isTaken = await this.#send({ kind: 'banners', base: isNewBase ? base : null, overlay })
    this.#overlays.published(overlay, isTaken)
  }
}

export function buffersOf({ base, overlay }: BannerTables): BannerBuffers {
  return { base: base.buffer, overlay: overlay.buffer }
}
