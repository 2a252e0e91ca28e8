import type { Logger } from 'pino'
import type { BannerTables } from '../banners/banner-table.ts'
import { counted } from '../base/counted.ts'
import { Confirmation, type ConfirmationOptions } from '../watch/confirmation.ts'

interface BannerReportOptions extends ConfirmationOptions {
  readonly log: Logger
}

/** Tells operators of the registered banners: on /health, and in the log. Times are of monotonicMs. */
export class BannerReport {
  readonly #options: BannerReportOptions
  readonly #confirmation: Confirmation
  /** null: they are not known. */
  #registered: number | null = null
  #hasTold = false

  constructor(options: BannerReportOptions) {
    this.#options = options
    this.#confirmation = new Confirmation('banners', options)
  }

  /** Other tables are in force, and were right at that time. */
  took({ base, overlay }: BannerTables, confirmedAtMs: number): void {
    const { books } = this.#options
    if (this.#registered === null) this.#hasTold = false
    this.#registered = overlay.registered
    books.set('bannersRegistered', overlay.registered)
    books.set('bannersBytes', base.bytes + overlay.bytes)
    this.confirmed(confirmedAtMs)
  }

  /** What is in force was right at that time. */
  confirmed(atMs: number): void {
    this.#confirmation.confirmed(atMs)
  }

  /** Postgres did not tell. */
  failed(error: unknown): void {
    const isUnknown = this.#registered === null
    const effect = isUnknown
      ? 'The banners are not known: clicks on /click are refused where there is no fallback, and /counter counts all.'
      : 'The banners are those of a while ago: what was changed since then is not in force.'
    this.#confirmation.failed(error, { isUnknown, effect })
  }

  /** Logs once that they are not known, and once how many there are. */
  tell(): void {
    if (this.#hasTold) return
    this.#hasTold = true
    if (this.#registered === null)
      this.#options.log.warn(
        'the banners are not known yet, neither from Postgres nor from files of an earlier process',
      )
    else this.#options.log.info(`${counted(this.#registered, 'banner')} registered`)
  }
}
