import { spawn } from 'node:child_process'

/** A program with its arguments, and its user if that is not ours. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

interface CommandResult {
  /** As in a shell: 127 when the program could not be started. -1 when a signal ended it. */
  readonly exitCode: number
  /** Standard output and standard error, in the order of arrival. */
  readonly output: string
  /** Standard error alone. */
  readonly errors: string
}

/** What starts a line in a log of Postgres: the time and the process. */
const STAMPS = /^[\d-]{10} [\d:.]{12} [A-Z]+ \[\d+\] /gm

/** The words of Postgres, without what differs from one try to the next: the same trouble has the same words. */
export function withoutStamps(output: string): string {
  return output.replace(STAMPS, '').trim()
}

/**
 * - `detached`: a session of its own, because Ctrl-C in the terminal is for the service alone. The service
 *   stops Postgres after the last flush.
 * - TZ: without it, initdb compares every zone file with the clock (0.1 s).
 * - LC_ALL: without it, messages may be translated, and we recognise some by their text.
 */
function spawnOptions({ uid, gid }: Command) {
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    detached: true,
    env: { ...foreignVariables(), TZ: 'UTC', LC_ALL: 'C' },
  }
}

/** The environment without our settings: Postgres may outlive the service, run as another user, and needs no secret. */
function foreignVariables(): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith('CLICKCOUNTER_'))
  return Object.fromEntries(foreign)
}

/** Runs a program to its end. Never rejects: the result says what went wrong. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(command.file, command.args, {
    ...spawnOptions(command),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (stream === child.stderr) errors += text
    })
  }
  child.once('error', ({ message }) => resolve({ exitCode: 127, output: message, errors: message }))
  child.once('close', exitCode => resolve({ exitCode: exitCode ?? -1, output, errors }))
  return promise
}

/**
 * Starts a program that outlives this process, and resolves with its pid. The program prints to the open file
 * `logFd`. Rejects when it cannot be started.
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
