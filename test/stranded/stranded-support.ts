import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type CommandRun, readCommand } from '../db/commands/command-support.ts'
import { environmentOf, type Settings } from '../support/settings.ts'

const COMMAND = fileURLToPath(new URL('../../lib/journal/tools/command.ts', import.meta.url))

/** Runs npm run journal with these operands. The data directory of the settings is one that nobody makes. */
export function runJournal(
  operands: readonly string[],
  settings: Settings,
  nodeOptions: readonly string[] = [],
): Promise<CommandRun> {
  const env = { PATH: process.env.PATH, ...environmentOf({ DATA_DIR: '/nowhere/data', ...settings }) }
  return readCommand(
    spawn(process.execPath, [...nodeOptions, COMMAND, ...operands], { env, timeout: 30_000 }),
  )
}
