import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import type { WireUser } from '../../../lib/http/lane/wire.ts'

/**
 * Posts whether this thread opens a wire by the handle, and then has something read that throws. `missing`: a
 * member of Node's `stream_wrap` that this thread does not have, or all of it; null: it has everything.
 */

const { missing } = workerData as { missing: string | null }
const { binding } = process as unknown as { binding(name: string): object }
Reflect.set(process, 'binding', (name: string) => {
  if (missing === 'all') throw new Error('not allowed')
  return Object.fromEntries(Object.entries(binding.call(process, name)).filter(([key]) => key !== missing))
})

// Not before: it looks for them when it is loaded.
const { openHandleWire } = await import('../../../lib/http/lane/handle-wire.ts')

const user: WireUser = {
  take: buffer => {
    throw new Error(`thrown over ${buffer.toString('latin1', 0, 3)}`)
  },
  goOnWriting: () => {},
  destroy: () => {},
}
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const client = connect((server.address() as { port: number }).port, '127.0.0.1')
const [socket] = (await once(server, 'connection')) as [Socket]
const wire = openHandleWire(socket, user)
parentPort!.postMessage(wire !== null)
if (wire === null) {
  client.destroy()
  socket.destroy()
  server.close()
} else client.write('one')
