import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { compiled } from '../machine/c-program.ts'
import { onClientCore } from '../machine/cores.ts'

const SOURCE = new URL('./flood.c', import.meta.url)

export interface FloodLoad {
  /** The client's, in 127.0.0.0/8. */
  readonly address: string
  /** So often a connection has its turn to be opened, or to send the request. */
  readonly ratePerSecond: number
  readonly seconds: number
  readonly connections: number
  /** latin1; '' for connections that do nothing. Nine digits 7 are a random number of nine digits. */
  readonly request: string
  /** Of an answer, in a connection's turn; without it, each answer is read at once. */
  readonly readBytes?: number
}

export interface FloodResult {
  /** By status. */
  readonly answers: Readonly<Record<string, number>>
  /** Connections that the service closed without an answer. */
  readonly cut: number
  /** Connections that were open at the end. */
  readonly open: number
  /** Turns in which a request was still under way. */
  readonly missed: number
}

/** One client takes what it can get. It needs `cc`, and Linux. */
export async function flood(url: string, load: FloodLoad): Promise<FloodResult> {
  const { address, ratePerSecond, seconds, connections, request, readBytes = 0 } = load
  const args = [new URL(url).port, address, ratePerSecond, seconds, connections, readBytes]
  const child = spawn(...onClientCore(compiled(SOURCE), args.map(String)), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(request, 'latin1')
  return JSON.parse(await text(child.stdout)) as FloodResult
}
