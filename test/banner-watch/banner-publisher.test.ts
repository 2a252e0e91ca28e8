import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { BannerPublisher } from '../../lib/banner-watch/banner-publisher.ts'
import { OverlayMemory } from '../../lib/banner-watch/overlay-memory.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import type { Publication } from '../../lib/messages.ts'
import { newRevision } from '../support/banners.ts'
import { collectGarbage } from '../support/garbage.ts'
import { PLAIN } from './tables.ts'

describe('what main publishes of banners', () => {
  async function newTables(overlays: OverlayMemory, base?: BannerTables['base']): Promise<BannerTables> {
    const of = base ?? (await new TableBuilder().build(newRevision(), null))
    return { base: of, overlay: await new TableBuilder(overlays.take()).build(newRevision(), of) }
  }

  function newPublisher(begun: BannerTables | null = null) {
    const overlays = new OverlayMemory()
    const sent: (Publication & { kind: 'banners' })[] = []
    const world = { isTaken: true }
    const publisher = new BannerPublisher({
      overlays,
      begun,
      send: async publication => {
        if (publication.kind === 'banners') sent.push(publication)
        return world.isTaken
      },
    })
    return { publisher, overlays, sent, world }
  }

  it('is a base once, and each overlay', async () => {
    const { publisher, overlays, sent } = newPublisher()
    const first = await newTables(overlays)
    const second = await newTables(overlays, first.base)
    const third = await newTables(overlays)
    for (const tables of [first, second, third]) await publisher.publish(tables)
    expect(sent.map(({ base }) => base)).to.deep.equal([first.base.buffer, null, third.base.buffer])
    expect(sent.map(({ overlay }) => overlay)).to.deep.equal(
      [first, second, third].map(({ overlay }) => overlay.buffer),
    )
  })

  it('is no base that the threads were given at their start', async () => {
    const begun = await newTables(new OverlayMemory())
    const { publisher, overlays, sent } = newPublisher(begun)
    await publisher.publish(begun)
    await publisher.publish(await newTables(overlays, begun.base))
    expect(sent.map(({ base }) => base)).to.deep.equal([null, null])
  })

  it('takes two buffers for all overlays, as long as every thread takes each', async () => {
    const { publisher, overlays, sent, world } = newPublisher()
    const publish = async () => publisher.publish(await newTables(overlays, tables.base))
    const tables = await newTables(overlays)
    await publisher.publish(tables)
    for (let change = 0; change < 9; change++) await publish()
    const buffers = sent.map(({ overlay }) => overlay)
    expect(new Set(buffers).size).to.equal(2)
    for (const [nth, buffer] of buffers.entries()) expect(buffer).to.equal(buffers[nth % 2])
    sent.length = 0
    world.isTaken = false
    await publish()
    world.isTaken = true
    for (let change = 0; change < 3; change++) await publish()
    // A thread that hangs may still read the one before the first of these.
    expect(sent.map(({ overlay }) => overlay)).not.to.include(buffers.at(-1))
  })

  it('takes memory of its own for an overlay after a large one, which is not kept', async () => {
    const { publisher, overlays, sent } = newPublisher()
    const first = await newTables(overlays)
    const large = new TableBuilder(overlays.take())
    large.put({ ...PLAIN, id: 1, target: 'x'.repeat(9 * 2 ** 20) })
    await publisher.publish({ base: first.base, overlay: await large.build(newRevision(), first.base) })
    for (let change = 0; change < 4; change++) await publisher.publish(await newTables(overlays, first.base))
    const [largeBuffer, ...others] = sent.map(({ overlay }) => overlay)
    expect(others).not.to.include(largeBuffer)
    expect(new Set(others).size).to.be.below(others.length)
  })

  it('lets the memory of a large overlay go as soon as another one is in force', async () => {
    const { publisher, overlays, sent } = newPublisher()
    const { base } = await newTables(overlays)
    const publishLarge = async () => {
      const large = new TableBuilder(overlays.take())
      large.put({ ...PLAIN, id: 1, target: 'x'.repeat(9 * 2 ** 20) })
      const tables = { base, overlay: await large.build(newRevision(), base) }
      await publisher.publish(tables)
      return new WeakRef(tables.overlay.buffer)
    }
    const large = await publishLarge()
    await publisher.publish({ base, overlay: await new TableBuilder().build(newRevision(), base) })
    sent.length = 0
    await nextTurn()
    collectGarbage()
    expect(large.deref()).to.equal(undefined)
  })
})
