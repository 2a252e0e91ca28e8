import { expect } from 'chai'
import { collect } from '../../lib/flush-worker/collect.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { unreadable } from '../support/reading.ts'

describe('two flush workers at once', () => {
  it('are found by the one that collects when the other one has flipped', async () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 64 })
    const generations = new Generations(memory)
    for (const generation of [1, 2]) generations.flip(generation)
    const outcome = await collect(memory, new Ring(memory), generations, 0, unreadable).catch(
      (error: Error) => error.message,
    )
    expect(outcome).to.equal('two flushes at once: expected generation 1, found 3')
  })
})
