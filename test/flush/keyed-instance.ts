import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { asideBulksDirectory } from '../../lib/journal/files/names.ts'
import { adopt } from '../../lib/journal/tools/adopt.ts'
import { VALID } from '../../lib/rows/classes.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import { type TemporaryDirectory, temporaryDirectory } from '../journal/journal-support.ts'
import { type Life, startLife } from '../journal/model-life.ts'
import { readBalance } from '../support/balance.ts'
import type { TestDatabase } from '../support/database.ts'
import { type CommitFate, FaultyClient } from './faulty-client.ts'

export const MINUTE = Math.floor(Date.now() / 60_000)
/** Has single clicks alone. */
export const CLICKED_BANNER = 1

/** A data directory and the process that runs in it, if one does. */
export class Instance implements Disposable {
  readonly #directory: TemporaryDirectory = temporaryDirectory()
  readonly #database: TestDatabase
  readonly #isCompacting: boolean
  #postgres!: FaultyClient
  #disk = { isDead: false }
  #death = Promise.withResolvers<void>()
  life!: Life

  constructor(database: TestDatabase, isCompacting: boolean) {
    this.#database = database
    this.#isCompacting = isCompacting
    this.#start()
  }

  get fates(): CommitFate[] {
    return this.#postgres.fates
  }

  async deliver({ key, fingerprint, parts }: KeyedBulk): Promise<void> {
    const [{ pairs, clicks }] = parts as [KeyedBulk['parts'][0]]
    await this.life.recordKeyed(0, { pairs, clicks, parts }, { key, fingerprint })
  }

  async click(): Promise<void> {
    await this.life.record(1, CLICKED_BANNER, VALID, 1)
  }

  /** Rejections are what the fates are for. A process that died over it is followed by the next one. */
  async flush(until: 'stored' | 'collected'): Promise<void> {
    await Promise.race([this.life.flush(until).catch(() => {}), this.#death.promise])
  }

  async storeAll(): Promise<void> {
    this.fates.length = 0
    for (;;) {
      await this.flush('stored')
      if (readBalance(this.life.memory).pending === 0 && !this.life.journal.isUnmet && this.#isEmpty()) return
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }

  /** The next process begins where this one was. */
  kill(): void {
    this.#end()
    this.#start()
  }

  /** Somebody decides, between two processes, that what was put aside counts. */
  adopt(): void {
    this.#end()
    adopt(this.#directory.path, [])
    this.#start()
  }

  aside(): string[] {
    const path = join(this.#directory.path, 'journal', asideBulksDirectory)
    try {
      return readFiles(path, readdirSync(path)).keyed.map(({ key }) => key)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return []
    }
  }

  [Symbol.dispose](): void {
    this.#end()
    this.#directory[Symbol.dispose]()
  }

  #isEmpty(): boolean {
    return readdirSync(join(this.#directory.path, 'journal')).every(name => !/\.(ticks|batch)2$/.test(name))
  }

  #start(): void {
    this.#disk = { isDead: false }
    this.#death = Promise.withResolvers()
    this.#postgres = new FaultyClient(this.#database.server, () => this.kill())
    this.life = startLife({
      dataDir: this.#directory.path,
      disk: this.#disk,
      postgres: this.#postgres,
      sync: 'write',
      isCompacting: this.#isCompacting,
      maxBanners: 16,
      now: () => MINUTE * 60_000,
    })
  }

  #end(): void {
    this.#disk.isDead = true
    this.#postgres.kill()
    void this.life.flusher.drain(AbortSignal.abort())
    this.life.closeFiles()
    this.#death.resolve()
  }
}
