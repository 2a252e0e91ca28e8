import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { BannerPublisher } from '../../lib/banner-watch/banner-publisher.ts'
import { mergedTables } from '../../lib/banner-watch/merge.ts'
import { OverlayMemory } from '../../lib/banner-watch/overlay-memory.ts'
import type { BannerTable, BannerTables } from '../../lib/banners/banner-table.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { collectGarbage } from '../../lib/base/collect-garbage.ts'
import { newRevision } from '../support/banners.ts'
import { until } from '../support/until.ts'
import { follow } from './banners-support.ts'
import { newThreads } from './published-threads.ts'

const CLIENTS = 6
const CHANGES = 120
/** Each so many changes, the base takes them in. */
const CHANGES_OF_A_BASE = 30
const BASE_MEBIBYTES = 32
/** Made once: else the heap would hold many of them for a while. */
const MEBIBYTE = 'x'.repeat(2 ** 20)
/** Whose targets change together. */
const BANNERS = [1, 2, 3]

describe('banners that main publishes', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-published-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  function put(builder: TableBuilder, version: number): void {
    const plain = { passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
    for (const id of BANNERS)
      builder.put({ ...plain, id, target: `https://a.example/${version}/${'x'.repeat(id * 100)}` })
  }

  async function tablesOf(
    version: number,
    base: BannerTable,
    memory?: SharedArrayBuffer,
  ): Promise<BannerTables> {
    const builder = new TableBuilder(memory)
    put(builder, version)
    return { base, overlay: await builder.build(newRevision(), base) }
  }

  async function firstTables(): Promise<BannerTables> {
    const builder = new TableBuilder()
    put(builder, 0)
    return await tablesOf(0, await builder.build(newRevision(), null))
  }

  it('are in force in all threads once they are published, whole, under clicks, in the memory of earlier ones', async () => {
    const { threads, banners, url } = await newThreads(directory)
    let tables = await firstTables()
    banners.snapshot = tables
    await threads.start()
    const overlays = new OverlayMemory()
    const publisher = new BannerPublisher({
      send: publication => threads.publish(publication),
      overlays,
      begun: tables,
    })
    const versions = { inForce: 0, newest: 0 }
    const wrong: string[] = []
    const seen = new Set<number>()
    let isOver = false
    const click = async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      for (let nth = 0; !isOver; nth++) {
        const id = BANNERS[nth % BANNERS.length]!
        const { inForce } = versions
        const location = await follow(url, id, agent)
        const version = Number(/^https:\/\/a\.example\/(\d+)\/x+$/.exec(location)?.[1])
        seen.add(version)
        const isWhole = location === `https://a.example/${version}/${'x'.repeat(id * 100)}`
        if (!isWhole || version < inForce || version > versions.newest)
          wrong.push(`${location} after ${inForce}`)
      }
      agent.destroy()
    }
    const clients = Array.from({ length: CLIENTS }, click)
    for (let version = 1; version <= CHANGES; version++) {
      const next = await tablesOf(version, tables.base, overlays.take())
      tables =
        version % CHANGES_OF_A_BASE === 0
          ? await tablesOf(version, (await mergedTables(next)).base, overlays.take())
          : next
      versions.newest = version
      await publisher.publish(tables)
      versions.inForce = version
    }
    isOver = true
    await Promise.all(clients)
    await threads.stop(0)
    expect(wrong).to.deep.equal([])
    expect(seen.size).to.be.above(CHANGES / 4)
  }).timeout(30_000)

  it('leave no memory behind: neither bases nor overlays that others took the place of', async () => {
    const { threads, banners } = await newThreads(directory)
    const overlays = new OverlayMemory()
    const large = async (base: BannerTable | null, mebibytes: number) => {
      const builder = new TableBuilder(base === null ? undefined : overlays.take())
      const plain = { passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
      for (let id = 1; id <= mebibytes; id++) builder.put({ ...plain, id, target: MEBIBYTE })
      return await builder.build(newRevision(), base)
    }
    const begin = async () => {
      const base = await large(null, BASE_MEBIBYTES)
      return { base, overlay: await large(base, 1) }
    }
    let tables = await begin()
    banners.snapshot = tables
    await threads.start()
    const publisher = new BannerPublisher({
      send: publication => threads.publish(publication),
      overlays,
      begun: tables,
    })
    const grownFrom = process.memoryUsage.rss()
    for (let change = 1; change <= 60; change++) {
      tables = change % 10 === 0 ? await begin() : { base: tables.base, overlay: await large(tables.base, 1) }
      banners.snapshot = tables
      await publisher.publish(tables)
    }
    // Main does so when it has written a base.
    collectGarbage()
    // Six bases and 54 overlays would be 246.
    await until(() => (process.memoryUsage.rss() - grownFrom) / 2 ** 20 < BASE_MEBIBYTES)
    await threads.stop(0)
  }).timeout(30_000)

  it('are in force in threads that were just starting', async () => {
    const { threads, banners, url } = await newThreads(directory)
    const first = await firstTables()
    banners.snapshot = first
    const starting = threads.start()
    // Their workerData has the first ones.
    const next = await tablesOf(1, first.base)
    banners.snapshot = next
    await Promise.all([
      starting,
      threads.publish({ kind: 'banners', base: null, overlay: next.overlay.buffer }),
    ])
    const answers = await Promise.all(Array.from({ length: 8 }, () => follow(url, 1, new http.Agent())))
    expect(new Set(answers).size).to.equal(1)
    expect(answers[0]).to.match(/^https:\/\/a\.example\/1\/x+$/)
    await threads.stop(0)
  })
})
