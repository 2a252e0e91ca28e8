import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { treePids } from './cpu.ts'
import { isInstalled } from './programs.ts'

/** Who runs where: the measured server on one core, the client on another. */

/** The numbers in a list such as `0-3,8`. */
export function parseCores(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number)
    return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index)
  })
}

function allowedCores(): number[] {
  try {
    return parseCores(/^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!)
  } catch {
    // Not Linux.
    return []
  }
}

const cores = allowedCores()
/** Otherwise server and client share all cores. */
const isPinning = cores.length > 1 && isInstalled('taskset')
const serverCore = cores[0]
const clientCore = cores.at(-1)

/** A command line that runs on the client's core. */
export function onClientCore(command: string, args: readonly string[]): [string, string[]] {
  return isPinning ? ['taskset', ['-c', String(clientCore), command, ...args]] : [command, [...args]]
}

export function onServerCore(command: string, args: readonly string[]): [string, string[]] {
  return isPinning ? ['taskset', ['-c', String(serverCore), command, ...args]] : [command, [...args]]
}

/** Moves a running process with all its threads and descendants. */
export function moveToServerCore(root: number): void {
  moveTo(serverCore, root)
}

/** The same to the client's core. */
export function moveToClientCore(root: number): void {
  moveTo(clientCore, root)
}

function moveTo(core: number | undefined, root: number): void {
  if (!isPinning) return
  for (const pid of treePids(root))
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
}

/** For the results. */
export const placement = isPinning
  ? 'The server, with its Postgres, has one core, the client another.'
  : 'Server and client share the cores: nothing could be pinned (that takes two cores, and taskset from util-linux).'
