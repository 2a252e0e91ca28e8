import { readFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'

/** More than Node lets wait on its own. */
const CLIENTS = 700

/** Opens a door in a thread that is then held, so that it accepts nothing until it is told to end. */
const HELD_THREAD = `
  const { workerData, parentPort } = require('node:worker_threads')
  const door = workerData.door
  import(door).then(async ({ createDoor, openDoor }) => {
    const options = { maxConnections: 10_000, clientOf: () => null, noteRefused: () => {} }
    const server = createDoor(options, () => {})
    await openDoor(server, { host: '127.0.0.1', port: 0, reusePort: false })
    parentPort.postMessage(server.address())
    setImmediate(() => {
      Atomics.wait(workerData.hold, 0, 0)
      process.exit()
    })
  })
`

describe('the door of a thread that is busy', () => {
  it('lets a crowd wait in front of it', async () => {
    const hold = new Int32Array(new SharedArrayBuffer(4))
    const door = new URL('../../../lib/http/listener/door.ts', import.meta.url).href
    const thread = new Worker(HELD_THREAD, { eval: true, workerData: { hold, door } })
    const { port } = await new Promise<AddressInfo>(resolve => thread.once('message', resolve))
    let connected = 0
    const clients = Array.from({ length: CLIENTS }, () =>
      net.connect(port, '127.0.0.1', () => connected++).on('error', () => {}),
    )
    try {
      const atOnce = Math.min(CLIENTS, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')))
      const untilMs = performance.now() + 900
      while (connected < atOnce && performance.now() < untilMs) await sleep(5)
      expect(connected).to.be.at.least(atOnce)
    } finally {
      Atomics.store(hold, 0, 1)
      Atomics.notify(hold, 0)
      for (const client of clients) client.destroy()
      await thread.terminate()
    }
  })
})
