import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { START_ENV } from '../../support/process.ts'
import { environmentOf } from '../../support/settings.ts'

export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one of db/*-command.ts in this process, which takes far less time than a process of its own. One at a time:
 * meanwhile, the process looks to all like one that was started for the command.
 */
export async function callCommand(
  file: string,
  settings: Record<string, string>,
  args: readonly string[],
  input = '',
): Promise<CommandRun> {
  const [stdout, stderr] = [new Printed(), new Printed()]
  const stdin = Readable.from([Buffer.from(input)], { objectMode: false })
  const { argv } = process
  const replaced = { argv: [...argv.slice(0, 2), ...args], env: environment(settings), exitCode: 0 }
  const originals = replaceInProcess({ ...replaced, stdin, stdout, stderr })
  try {
    const url = urlOf(file)
    // A module runs once. With another address it is another one, over the same imports.
    url.search = crypto.randomUUID()
    await import(url.href)
    return { status: Number(process.exitCode), stdout: stdout.text, stderr: stderr.text }
  } finally {
    replaceInProcess(originals)
  }
}

class Printed extends Writable {
  text = ''

  constructor() {
    super({ decodeStrings: false })
  }

  override _write(text: string, _: string, done: () => void): void {
    this.text += text
    done()
  }
}

/** Returns what there was. Of the streams, the process has accessors. */
function replaceInProcess(properties: object): object {
  const originals: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(properties)) {
    originals[name] = process[name as 'env']
    if (/^std/.test(name)) Object.defineProperty(process, name, { value, configurable: true })
    else process[name as 'env'] = value
  }
  return originals
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
  return spawn(process.execPath, [fileURLToPath(urlOf(file)), ...args], {
    env: environment(settings, others),
    timeout: 15_000,
  })
}

function urlOf(file: string): URL {
  return new URL(`../../../db/${file}.ts`, import.meta.url)
}

function environment(settings: Record<string, string>, others: Record<string, string> = {}) {
  return { PATH: process.env.PATH, ...others, ...Object.fromEntries(START_ENV), ...environmentOf(settings) }
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
