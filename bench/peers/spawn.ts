import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onServerCore } from '../machine/cores.ts'

const START_PATIENCE_MS = 10_000

/**
 * A directory for a peer's files. `configure` writes a configuration from bench/peers
 * there, with its words filled in.
 */
export async function peerDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'clickcounter-peer-'))
  return {
    path,
    async configure(file: string, words: Readonly<Record<string, string | number>>): Promise<string> {
      let text = await readFile(new URL(file, import.meta.url), 'utf8')
      for (const [word, value] of Object.entries({ ...words, DIRECTORY: path }))
        text = text.replaceAll(word, String(value))
      const configured = join(path, file)
      await writeFile(configured, text)
      return configured
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as net.AddressInfo
  await once(probe.close(), 'close')
  return port
}

interface PeerProcess extends AsyncDisposable {
  readonly pid: number
}

/**
 * Starts a program, on the server's core unless it is left to the system. Resolves when it listens on the
 * port, rejects when it ends before that.
 */
export async function spawnPeer(
  program: string,
  args: readonly string[],
  port: number,
  isPinned = true,
): Promise<PeerProcess> {
  const [command, commandArgs] = isPinned ? onServerCore(program, args) : [program, args]
  const child = spawn(command, commandArgs, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr!.on('data', chunk => {
    complaints += chunk
  })
  const ended = once(child, 'close')
  const giveUpAtMs = performance.now() + START_PATIENCE_MS
  while (!(await isListening(port))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < giveUpAtMs)
      await sleep(50)
    else {
      await end(child, ended)
      throw new Error(`${program} should listen on port ${port} but does not: ${complaints}`)
    }
  }
  return { pid: child.pid!, [Symbol.asyncDispose]: () => end(child, ended) }
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

/** Looks by connecting: to listen would take the port from the program. */
async function isListening(port: number): Promise<boolean> {
  const socket = net.connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
