import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { BulkTooWideError, JournalError, RingFullError } from '../../lib/base/errors.ts'
import { readClicks } from '../../lib/books/balance.ts'
import { sumUp } from '../../lib/ingest/bulk.ts'
import { isOfClicks, readEntries } from '../../lib/journal/files/entries.ts'
import { Marks } from '../../lib/journal/keep/marks.ts'
import { type ClickClass, VALID } from '../../lib/rows/classes.ts'
import { expectBalanced, readBalance } from '../support/balance.ts'
import { bulkOfClass } from '../support/bulk-of-class.ts'
import { type TemporaryDirectory, temporaryDirectory } from './journal-support.ts'
import { ageJournal } from './model-age.ts'
import type { ModelDisk, Refusal } from './model-disk.ts'
import { Fates, TWIN } from './model-fates.ts'
import { type Life, type LifeOptions, startLife } from './model-life.ts'
import { giveNamesBack, giveNewerName } from './model-newer.ts'
import { type Commit, ModelPostgres } from './model-postgres.ts'

const LONGEST_BACKOFF_MS = 10_000
/**
 * What else goes wrong in a world. With failing moves, and kept files that a request thread removes, clicks may be lost
 * when a database goes back. Nothing is counted twice in any case.
 */
export const FAULTS = ['none', 'deaths of threads', 'reads', 'moves'] as const

interface WorldOptions extends Pick<LifeOptions, 'sync' | 'isCompacting' | 'maxBanners'> {
  readonly faults: (typeof FAULTS)[number]
}

/** Data directories, the original included. */
const MOST_COPIES = 3

/** Lives of the service, one after the other, on one disk and two databases; and a plain counter beside them. */
export class World {
  readonly postgres: ModelPostgres
  readonly #disk: ModelDisk
  /** The data directory, and its copies. */
  readonly #directories: TemporaryDirectory[] = [temporaryDirectory()]
  readonly #options: Omit<LifeOptions, 'dataDir'>
  readonly #faults: WorldOptions['faults']
  #dataDir: string
  readonly #fates = new Fates()
  readonly #answers: Promise<void>[] = []
  #nowMs = Date.now()
  #life: Life | null = null

  constructor(disk: ModelDisk, { faults, ...options }: WorldOptions) {
    this.#disk = disk
    this.#faults = faults
    this.#dataDir = this.#directories[0]!.path
    this.postgres = new ModelPostgres(() => disk.kill())
    this.#options = { ...options, disk, postgres: this.postgres, now: () => this.#nowMs }
  }

  /** Of all lives. */
  get acknowledged(): number {
    return this.#fates.acknowledged
  }

  click(thread: number, bannerId: number, clicks: number, clickClass: ClickClass = VALID): void {
    this.#send(clickClass, new Map([[bannerId, clicks]]), life =>
      life.record(thread, bannerId, clickClass, clicks),
    )
  }

  bulk(thread: number, bannerIds: readonly number[], count: number, clickClass: ClickClass = VALID): void {
    const entries = bannerIds.flatMap(id => [
      { id, count },
      { id: id + TWIN, count },
    ])
    this.#send(clickClass, new Map(entries.map(({ id }) => [id, count])), life =>
      life.recordAll(thread, bulkOfClass(clickClass, sumUp(entries))),
    )
  }

  #send(
    clickClass: ClickClass,
    clicksByBanner: ReadonlyMap<number, number>,
    record: (life: Life) => Promise<void>,
  ): void {
    if (this.#disk.isDead || this.#life === null) return
    const sent = [...clicksByBanner].map(([bannerId, clicks]) => ({
      fate: this.#fates.of(bannerId, clickClass),
      clicks,
    }))
    const answer = record(this.#life).then(
      () => sent.forEach(({ fate, clicks }) => void (fate.acknowledged += clicks)),
      error => {
        if (this.#disk.isDead) sent.forEach(({ fate, clicks }) => void (fate.unknown += clicks))
        else expect(error).to.satisfy(isRefusal)
      },
    )
    this.#answers.push(answer)
  }

  /** Ends the tick of every thread. */
  async endTick(): Promise<void> {
    await nextTurn()
    if (this.#disk.isDead || this.#life === null) return
    const { lost } = readBalance(this.#life.memory)
    expectBalanced(this.#life.memory)
    if (this.#mayLose) expect(lost, 'lost by the books').to.be.at.least(0)
    else expect(lost, 'lost by the books').to.equal(0)
  }

  passMinute(): void {
    this.#nowMs += 60_000
  }

  async flush(until: 'collected' | 'stored', commits: readonly Commit[]): Promise<void> {
    if (this.#disk.isDead || this.#life === null) return
    this.postgres.plan(commits)
    mock.timers.tick(LONGEST_BACKOFF_MS)
    const flushed = this.#life.flush(until).catch(() => {})
    await Promise.race([flushed, this.#disk.death])
  }

  /** Postgres hangs while it stores. What comes meanwhile is collected, and waits. */
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

  refuse({ renames, reads, ...refusal }: Refusal): void {
    this.#disk.refuse({
      ...refusal,
      renames: this.#faults === 'moves' ? renames : 0,
      reads: this.#faults === 'reads' ? reads : 0,
    })
  }

  get #mayLose(): boolean {
    return this.#faults === 'moves' && this.postgres.hasGoneBack
  }

  /** A thread dies in the middle of a bulk. If it had journaled the bulk, that counts, and its sender does not know. */
  dieInBulk(
    thread: number,
    bannerId: number,
    count: number,
    isJournaled: boolean,
    clickClass: ClickClass,
  ): void {
    if (this.#disk.isDead || this.#life === null || this.#faults !== 'deaths of threads') return
    if (isJournaled)
      for (const id of [bannerId, bannerId + TWIN]) this.#fates.of(id, clickClass).unknown += count
    const pairs = Int32Array.of(bannerId, count, bannerId + TWIN, count)
    try {
      this.#life.dieInBulk(thread, clickClass, { pairs, clicks: 2 * count }, isJournaled)
    } catch (error) {
      expect(error).to.satisfy(isRefusal)
    }
  }

  evict(bytes: number): void {
    if (this.#disk.isDead || this.#life === null || this.#faults !== 'moves') return
    this.#life.evict(bytes)
  }

  /** The process ends in order, and the next one starts. */
  async stop(): Promise<void> {
    this.#disk.refuse({})
    this.postgres.plan([])
    await this.endTick()
    if (!this.#disk.isDead && this.#life !== null)
      await Promise.race([this.#drain(this.#life), this.#disk.death])
    await this.restart(Number.POSITIVE_INFINITY, 0)
  }

  async #drain({ flusher, memory, writer, journal }: Life): Promise<void> {
    mock.timers.tick(LONGEST_BACKOFF_MS)
    // While another database answers, it would wait for ever.
    const isAtHome = journal.database === null || journal.database === this.postgres.id
    const { isAllStored } = await flusher.drain(isAtHome ? new AbortController().signal : AbortSignal.abort())
    if (!isAtHome) return
    expectBalanced(memory)
    expect({ isAllStored, pending: readBalance(memory).pending }).to.deep.equal({
      isAllStored: true,
      pending: 0,
    })
    expect(readClicks(memory, 'stored'), 'stored by the books').to.deep.equal(
      this.postgres.ledgerClicks(writer),
    )
  }

  killAfter(steps: number, part: number): void {
    this.#disk.killAfter(steps, part)
  }

  /** Kills the process if it still lives, and starts the next one, which is killed after so many steps. */
  async restart(steps: number, part: number): Promise<void> {
    await this.#end()
    this.#disk.killAfter(steps, part)
    try {
      this.#life = startLife({ ...this.#options, dataDir: this.#dataDir })
    } catch (error) {
      if (!this.#disk.isDead) throw error
    }
  }

  /** Kills the process, makes its journal one of version 1, and starts the next process. */
  async ageJournal(): Promise<void> {
    await this.#end()
    ageJournal(join(this.#dataDir, 'journal'))
    await this.restart(Number.POSITIVE_INFINITY, 0)
  }

  /** Kills the process, makes one of its files a newer version's, and starts the next process. */
  async leaveToNewer(nth: number): Promise<void> {
    await this.#end()
    giveNewerName(join(this.#dataDir, 'journal'), nth)
    await this.restart(Number.POSITIVE_INFINITY, 0)
  }

  /**
   * Kills the process, copies its data directory, and starts the next one in one of the directories. Clicks that are
   * for no database yet are not copied: two copies that meet different databases cannot know of each other.
   */
  async copy(next: number): Promise<void> {
    await this.#end()
    if (this.#directories.length < MOST_COPIES && !hasUnboundClicks(join(this.#dataDir, 'journal'))) {
      const copy = temporaryDirectory()
      cpSync(this.#dataDir, copy.path, { recursive: true })
      this.#directories.push(copy)
    }
    this.#dataDir = this.#directories[next % this.#directories.length]!.path
    await this.restart(Number.POSITIVE_INFINITY, 0)
  }

  async #end(): Promise<void> {
    this.#disk.kill()
    this.postgres.goOn()
    // Everything that the process waits for ends now, while it can change nothing any more.
    mock.timers.tick(LONGEST_BACKOFF_MS)
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    await Promise.all(this.#answers.splice(0))
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    this.#life?.closeFiles()
    this.#life = null
    this.#disk.revive()
  }

  /**
   * Runs last lives without faults, in each directory and for each database. Expects the right sums, and nothing left.
   */
  async expectExactlyOnce(): Promise<void> {
    this.postgres.plan([])
    for (const { path } of this.#directories)
      for (const database of [0, 1]) {
        await this.#end()
        giveNamesBack(join(path, 'journal'))
        this.postgres.lead(database)
        this.#dataDir = path
        await this.restart(Number.POSITIVE_INFINITY, 0)
        const left = await this.#life!.flusher.drain(new AbortController().signal)
        expect(left).to.deep.equal({ clicks: 0, isAllStored: true })
      }
    this.#fates.expectOnce(this.postgres, this.#mayLose)
    for (const { path } of this.#directories) {
      const journal = join(path, 'journal')
      const files = readEntries(journal).entries.filter(isOfClicks)
      expect(
        files.map(({ file }) => file.name),
        readdirSync(journal, { recursive: true }).join(' '),
      ).to.deep.equal([])
      for (const inner of ['damaged', 'aside'])
        expect(existsSync(join(journal, inner)) ? readdirSync(join(journal, inner)) : []).to.deep.equal([])
    }
  }

  async dispose(): Promise<void> {
    await this.#end()
    for (const directory of this.#directories) directory[Symbol.dispose]()
  }
}

/** Whether anything but a mark is there of a writer that has met no database. */
function hasUnboundClicks(journal: string): boolean {
  const bound = new Marks(journal)
    .list()
    .filter(({ database }) => database !== null)
    .map(({ writer }) => writer)
  return readdirSync(journal).some(
    name => /\.(ticks|batch)/.test(name) && !bound.some(writer => name.startsWith(writer)),
  )
}

function isRefusal(error: unknown): boolean {
  return [JournalError, RingFullError, BulkTooWideError].some(refusal => error instanceof refusal)
}
