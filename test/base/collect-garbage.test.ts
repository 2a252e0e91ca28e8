import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { MAX_TABLE_BYTES } from '../../lib/banners/table-layout.ts'
import { collectGarbage } from '../../lib/base/collect-garbage.ts'

const BYTES = 128 * 2 ** 20

describe('memory that is given back', () => {
  it('is that of shared buffers that no thread refers to any more', async () => {
    const worker = new Worker(new URL('holding-thread.ts', import.meta.url))
    await once(worker, 'message')
    await collected()
    const before = process.memoryUsage.rss()
    await share(worker)
    expect(process.memoryUsage.rss() - before).to.be.above(BYTES * 0.9)
    worker.postMessage('drop')
    await once(worker, 'message')
    await collected()
    expect(process.memoryUsage.rss() - before).to.be.below(BYTES * 0.5)
    await worker.terminate()
  })
})

async function collected(): Promise<void> {
  collectGarbage()
  await nextTurn()
}

/** The thread holds a buffer that is full of ones. This one does not when the function has ended. */
async function share(worker: Worker): Promise<void> {
  const buffer = new SharedArrayBuffer(BYTES, { maxByteLength: MAX_TABLE_BYTES })
  new Uint8Array(buffer).fill(1)
  worker.postMessage(buffer)
  await once(worker, 'message')
}
