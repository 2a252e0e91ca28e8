import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPortFree } from '../../db/embedded/port.ts'
import { onServerCore } from '../cores.ts'

const START_PATIENCE_MS = 10_000

/** A directory for a peer's files, and a configuration from bench/peers in it with its words filled in. */
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
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

export interface PeerProcess {
  readonly pid: number
  end(): Promise<void>
}

/** Starts a program on the server's core. Resolves when its port is taken, rejects when it ends before that. */
export async function spawnPeer(
  program: string,
  args: readonly string[],
  port: number,
): Promise<PeerProcess> {
  const child = spawn(...onServerCore(program, args), { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr!.on('data', chunk => {
    complaints += chunk
  })
  const ended = once(child, 'close')
  const giveUpAt = performance.now() + START_PATIENCE_MS
  while (await isPortFree(port)) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < giveUpAt) await sleep(50)
    else {
      await end(child, ended)
      throw new Error(`${program} should listen on port ${port} but does not: ${complaints}`)
    }
  }
  return { pid: child.pid!, end: () => end(child, ended) }
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}
