import { spawn } from 'node:child_process'

/** A program with its arguments, and the user it runs as when that is another one. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

interface CommandResult {
  /** As a shell reports it: 127 when the program could not be started at all, -1 when a signal ended it. */
  readonly exitCode: number
  /** Standard output and standard error, in the order of arrival. */
  readonly output: string
}

/**
 * A session of its own: Ctrl-C in the terminal is meant for the service alone, which stops Postgres after the
 * last flush. Without TZ initdb compares every zone file with the clock (0.1 s); without LC_ALL the messages
 * that are recognised by their text could be translated.
 */
function spawnOptions({ uid, gid }: Command) {
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    detached: true,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  }
}

/** Runs a program to its end. Never rejects: what went wrong is in the result. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(command.file, command.args, {
    ...spawnOptions(command),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.once('error', error => resolve({ exitCode: 127, output: error.message }))
  child.once('close', exitCode => resolve({ exitCode: exitCode ?? -1, output }))
  return promise
}

/**
 * Starts a program that outlives this process, and resolves with its pid. What it prints goes to the file open
 * as `logFd`. Rejects when it cannot be started at all.
 */
export async function launch(command: Command, logFd: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn(command.file, command.args, {
    ...spawnOptions(command),
    stdio: ['ignore', logFd, logFd],
  })
  child.once('spawn', resolve).once('error', reject)
  child.unref()
  await promise
  return child.pid!
}
