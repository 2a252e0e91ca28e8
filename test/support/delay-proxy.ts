import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Passes each byte on to the local port, and each byte of the answers back, that much later. */
export async function startDelayProxy(port: number, roundTripMs: number) {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, client => {
    const service = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      const later = (act: () => void) => setTimeout(act, roundTripMs / 2)
      from.on('data', bytes => later(() => to.write(bytes)))
      from.on('end', () => later(() => to.end()))
      from.on('error', () => later(() => to.destroy()))
      sockets.add(from)
      from.on('close', () => sockets.delete(from))
    }
  })
  await once(server.listen(0), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
