import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { fixYoungGeneration } from '../../lib/service/semi-space.ts'

const MEBIBYTE = 2 ** 20

/** Keeps so much of what it makes that V8, left alone, would enlarge its young generation. Tells the size before and after. */
const THREAD = `
  const { getHeapSpaceStatistics } = require('node:v8')
  const tell = () => {
    const young = getHeapSpaceStatistics().find(space => space.space_name === 'new_space')
    require('node:worker_threads').parentPort.postMessage(young.space_used_size + young.space_available_size)
  }
  tell()
  const kept = []
  for (let object = 0; object < 4e6; object++) kept[object % 2e5] = { object, more: [object] }
  tell()
`

describe('a fixed young generation', () => {
  it('has its size from the start and keeps it', async () => {
    const thread = new Worker(THREAD, { eval: true, resourceLimits: fixYoungGeneration() })
    const sizesMiB: number[] = []
    thread.on('message', bytes => sizesMiB.push(bytes / MEBIBYTE))
    await once(thread, 'exit')
    expect(sizesMiB).to.have.lengthOf(2)
    for (const sizeMiB of sizesMiB) expect(sizeMiB).to.be.within(7.8, 8)
  })
})
