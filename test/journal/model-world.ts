import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { BulkTooWideError, JournalError, RingFullError } from '../../lib/errors.ts'
import { readBalance } from '../../lib/health/books.ts'
import { sumUp } from '../../lib/ingest/bulk.ts'
import { type TemporaryDirectory, temporaryDirectory } from './journal-support.ts'
import type { ModelDisk, Refusal } from './model-disk.ts'
import { type Life, type LifeOptions, startLife } from './model-life.ts'
import { type Commit, ModelPostgres } from './model-postgres.ts'

const LONGEST_BACKOFF_MS = 10_000
/** Clicks of a bulk are those of a banner and, as many, of the one so much further on: they must never part. */
const TWIN = 1000

/** What became of a banner's clicks, as their senders know it. */
interface Fate {
  acknowledged: number
  /** Of the acknowledged ones, those that a flush has brought into Postgres for certain. */
  stored: number
  /** Unanswered when the process died; without a journal, acknowledged and not stored by then. */
  unknown: number
}

/** One life of the service after the other, on one disk and one Postgres, and a plain counter beside it. */
export class World {
  readonly postgres: ModelPostgres
  readonly #disk: ModelDisk
  readonly #directory: TemporaryDirectory
  readonly #options: LifeOptions
  readonly #fates = new Map<number, Fate>()
  readonly #answers: Promise<void>[] = []
  #nowMs = 28_000_000 * 60_000
  #life: Life | null = null

  constructor(disk: ModelDisk, options: Pick<LifeOptions, 'sync' | 'isCompacting' | 'maxBanners'>) {
    this.#disk = disk
    this.#directory = temporaryDirectory()
    this.postgres = new ModelPostgres(() => disk.kill())
    const { path } = this.#directory
    this.#options = { ...options, dataDir: path, disk, postgres: this.postgres, now: () => this.#nowMs }
  }

  /** Of all lives. */
  get acknowledged(): number {
    return [...this.#fates.values()].reduce((sum, fate) => sum + fate.acknowledged, 0)
  }

  click(thread: number, bannerId: number, clicks: number): void {
    this.#send(new Map([[bannerId, clicks]]), life => life.record(thread, bannerId, clicks))
  }

  bulk(thread: number, bannerIds: readonly number[], count: number): void {
    const entries = bannerIds.flatMap(id => [
      { id, count },
      { id: id + TWIN, count },
    ])
    this.#send(new Map(entries.map(({ id }) => [id, count])), life => life.recordAll(thread, sumUp(entries)))
  }

  #send(clicksByBanner: ReadonlyMap<number, number>, record: (life: Life) => Promise<void>): void {
    if (this.#disk.isDead || this.#life === null) return
    const sent = [...clicksByBanner].map(([bannerId, clicks]) => ({ fate: this.#fateOf(bannerId), clicks }))
    const answer = record(this.#life).then(
      () => sent.forEach(({ fate, clicks }) => void (fate.acknowledged += clicks)),
      error => {
        if (this.#disk.isDead) sent.forEach(({ fate, clicks }) => void (fate.unknown += clicks))
        else expect(error).to.satisfy(isRefusal)
      },
    )
    this.#answers.push(answer)
  }

  #fateOf(bannerId: number): Fate {
    const fate = this.#fates.get(bannerId) ?? { acknowledged: 0, stored: 0, unknown: 0 }
    this.#fates.set(bannerId, fate)
    return fate
  }

  /** Ends the tick of every thread. */
  async endTick(): Promise<void> {
    await turn()
    if (this.#disk.isDead || this.#life === null) return
    const { accepted, stored, pending } = readBalance(this.#life.memory)
    expect(accepted, 'the books').to.equal(stored + pending)
  }

  passMinute(): void {
    this.#nowMs += 60_000
  }

  async flush(until: 'collected' | 'stored', commits: readonly Commit[]): Promise<void> {
    if (this.#disk.isDead || this.#life === null) return
    this.postgres.plan(commits)
    mock.timers.tick(LONGEST_BACKOFF_MS)
    const acknowledged = [...this.#fates.values()].map(fate => ({ fate, clicks: fate.acknowledged }))
    const flushed = this.#life.flush(until).then(
      () => until === 'stored' && acknowledged.forEach(({ fate, clicks }) => void (fate.stored = clicks)),
      () => {},
    )
    await Promise.race([flushed, this.#disk.death])
  }

  /** Postgres hangs over a store; what comes meanwhile is collected, and waits. */
  async collectWhileStoring(clicks: number, commits: readonly Commit[]): Promise<void> {
    this.postgres.hang()
    const stored = this.flush('stored', commits)
    for (let tick = 0; tick < 3; tick++) {
      for (const thread of [0, 1]) this.click(thread, 1 + tick, clicks)
      await this.endTick()
      if (!this.#disk.isDead && this.#life !== null)
        await Promise.race([this.#life.flush('collected'), this.#disk.death])
    }
    this.postgres.goOn()
    await stored
  }

  refuse(refusal: Refusal): void {
    this.#disk.refuse(refusal)
  }

  killAfter(steps: number, part: number): void {
    this.#disk.killAfter(steps, part)
  }

  /** Kills the process if it still lives, and starts the next one, which is killed after so many steps. */
  async restart(steps: number, part: number): Promise<void> {
    await this.#end()
    this.#disk.killAfter(steps, part)
    try {
      this.#life = startLife(this.#options)
    } catch (error) {
      if (!this.#disk.isDead) throw error
    }
  }

  async #end(): Promise<void> {
    this.#disk.kill()
    this.postgres.goOn()
    // All that it waits for comes to an end while it can do no more.
    mock.timers.tick(LONGEST_BACKOFF_MS)
    for (let turns = 0; turns < 3; turns++) await turn()
    await Promise.all(this.#answers.splice(0))
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    this.#life?.closeFiles()
    this.#life = null
    this.#disk.revive()
  }

  /** A last life without faults: stores everything, and leaves nothing behind but the right sums. */
  async expectExactlyOnce(): Promise<void> {
    this.postgres.plan([])
    await this.restart(Number.POSITIVE_INFINITY, 0)
    const left = await this.#life!.flusher.drain(new AbortController().signal)
    expect(left).to.deep.equal({ clicks: 0, isAllStored: true })
    for (const [bannerId, { acknowledged, unknown }] of this.#fates) {
      const clicks = this.postgres.clicksOf(bannerId)
      expect(clicks, `banner ${bannerId}`).to.be.within(acknowledged, acknowledged + unknown)
      if (this.#fates.has(bannerId + TWIN))
        expect(clicks, `banner ${bannerId}, its twin`).to.equal(this.postgres.clicksOf(bannerId + TWIN))
    }
    expect(this.postgres.ledgerRows, 'rows in the ledger').to.equal(0)
    const journal = join(this.#directory.path, 'journal')
    expect(readdirSync(journal)).to.deep.equal(['damaged'])
    expect(readdirSync(join(journal, 'damaged'))).to.deep.equal([])
  }

  async dispose(): Promise<void> {
    await this.#end()
    this.#directory[Symbol.dispose]()
  }
}

function isRefusal(error: unknown): boolean {
  return [JournalError, RingFullError, BulkTooWideError].some(refusal => error instanceof refusal)
}
