import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { fixSemiSpaces } from '../../lib/service/semi-space.ts'

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

describe('the new space of a thread with fixed semi-spaces', () => {
  it('has its size from the start and keeps it', async () => {
    const thread = new Worker(THREAD, { eval: true, resourceLimits: fixSemiSpaces() })
    const sizesMiB: number[] = []
    thread.on('message', bytes => sizesMiB.push(bytes / MEBIBYTE))
    await once(thread, 'exit')
    expect(sizesMiB).to.have.lengthOf(2)
    for (const sizeMiB of sizesMiB) expect(sizeMiB).to.be.within(7.8, 8)
  })
})
