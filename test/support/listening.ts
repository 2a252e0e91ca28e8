import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { until } from './until.ts'

/** Resolves when somebody listens on the loopback port. Rejects with the words of `child` when `child` ends before. */
export async function untilListening(child: ChildProcess, port: number): Promise<void> {
  let said = ''
  child.stderr?.on('data', text => {
    said += text
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended: ${said}`)
    return isListening(port)
  })
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect({ host: '127.0.0.1', port })
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isConnected
}
