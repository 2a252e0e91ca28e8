import { spawn } from 'node:child_process'

export interface CommandResult {
  /** As a shell reports it: 127 when the program could not be started at all, -1 when a signal ended it. */
  readonly exitCode: number
  /** Standard output and standard error, in the order of arrival. */
  readonly output: string
}

/** Runs a program to its end. Never rejects: what went wrong is in the result. */
export function runCommand(
  file: string,
  args: readonly string[],
  runAs: { uid?: number; gid?: number } = {},
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(file, args, {
    ...runAs,
    // A session of its own: Ctrl-C in the terminal is meant for the service alone, which stops Postgres after
    // the last flush.
    detached: true,
    // Without TZ initdb compares every zone file with the clock (0.1 s); without LC_ALL the messages that are
    // recognised by their text could be translated.
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
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
