import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { START_ENV } from '../../support/process.ts'
import { environmentOf } from '../../support/settings.ts'

export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of db/*-command.ts without a terminal, with these settings, other variables and standard input. */
export async function runCommand(
  file: string,
  settings: Record<string, string>,
  args: readonly string[],
  others: Record<string, string> = {},
  input = '',
): Promise<CommandRun> {
  return await readCommand(startCommand(file, settings, args, others), input)
}

export function startCommand(
  file: string,
  settings: Record<string, string>,
  args: readonly string[],
  others: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const path = fileURLToPath(new URL(`../../../db/${file}.ts`, import.meta.url))
  return spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH, ...others, ...Object.fromEntries(START_ENV), ...environmentOf(settings) },
    timeout: 15_000,
  })
}

export function readCommand(child: ChildProcessWithoutNullStreams, input = ''): Promise<CommandRun> {
  // A command that does not read it may be over before.
  child.stdin.on('error', () => {}).end(input)
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  return new Promise(resolve => child.once('close', status => resolve({ status, ...printed })))
}
