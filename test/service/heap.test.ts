import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { keepHeapsLevel } from '../../lib/service/heap.ts'

const MEBIBYTE = 2 ** 20

/** Keeps so much of what it makes that V8, left alone, would enlarge the new space. Tells its size before and after. */
const THREAD = `
  const { getHeapSpaceStatistics } = require('node:v8')
  const tell = () => {
    const newSpace = getHeapSpaceStatistics().find(space => space.space_name === 'new_space')
    require('node:worker_threads').parentPort.postMessage(newSpace.space_used_size + newSpace.space_available_size)
  }
  tell()
  const kept = []
  for (let object = 0; object < 4e6; object++) kept[object % 2e5] = { object, more: [object] }
  tell()
`

/** Keeps 23 MB, and lets go of ten times as much that has become old. Tells the most that the old space held, in bytes. */
const LEAVING_THREAD = `
  const { getHeapSpaceStatistics } = require('node:v8')
  const oldBytes = () => getHeapSpaceStatistics().find(space => space.space_name === 'old_space').space_used_size
  const make = () => Array.from({ length: 50 }, (_, object) => ({ object, more: [object] }))
  const kept = Array.from({ length: 5000 }, make)
  let most = 0
  for (let round = 0; round < 60_000; round++) {
    kept[round % kept.length] = make()
    if (round % 100 === 0) most = Math.max(most, oldBytes())
  }
  require('node:worker_threads').parentPort.postMessage(most)
`

describe('the new space of a thread with fixed semi-spaces', () => {
  it('has its size from the start and keeps it', async () => {
    const thread = new Worker(THREAD, { eval: true, resourceLimits: keepHeapsLevel() })
    const sizesMiB: number[] = []
    thread.on('message', bytes => sizesMiB.push(bytes / MEBIBYTE))
    await once(thread, 'exit')
    expect(sizesMiB).to.have.lengthOf(2)
    for (const sizeMiB of sizesMiB) expect(sizeMiB).to.be.within(7.8, 8)
  })
})

describe('the old space of a thread with a level heap', () => {
  it('is cleared before it holds several times what is in use', async () => {
    const thread = new Worker(LEAVING_THREAD, { eval: true, resourceLimits: keepHeapsLevel() })
    const [mostBytes] = await once(thread, 'message')
    // V8 alone lets it grow to 140 to 200.
    expect(mostBytes / MEBIBYTE).to.be.below(120)
  })
})
