import { ConfigError } from '../base/errors.ts'
import { type LoadedConfig, loadConfig } from './load.ts'
import type { Origin } from './read.ts'
import { configFileVariable } from './settings.ts'
import { unknownVariable } from './variables.ts'

const HELP = `Usage: npm run config

Prints every setting in force: its variable, its value and where the value came from (default,
environment, or the path of the configuration file that ${configFileVariable} names).
Secrets are hidden. Wrong settings are listed on stderr, and the exit code is 1.

  --help    print this text`

/** The settings as an aligned table with a heading, without a newline at its end. */
function tableOf(origins: readonly Origin[], file: string | null): string {
  const rows = [
    ['variable', 'value', 'from'],
    ...origins.map(({ variable, value, source }) => [
      variable,
      value ?? '-',
      source === 'file' && file !== null ? file : source,
    ]),
  ]
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

/** Runs the command; returns its exit code. */
function print(args: readonly string[]): number {
  if (args.length === 1 && args[0] === '--help') {
    console.log(HELP)
    return 0
  }
  if (args.length > 0) {
    console.error(`Nothing but --help is allowed here, not ${args.join(' ')}.\n\n${HELP}`)
    return 1
  }
  try {
    report(loadConfig())
    return 0
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    return 1
  }
}

function report({ config, origins, unknownVariables, warnings, file }: LoadedConfig): void {
  console.log(tableOf(origins, file))
  if (config.database.server === null) {
    console.log(`\nNo database is set: the embedded Postgres in ${config.dataDir} is used.`)
  }
  for (const warning of warnings) console.error(`Warning: ${warning}.`)
  for (const variable of unknownVariables) console.error(`Warning: ${unknownVariable(variable)}.`)
}

if (import.meta.main) process.exitCode = print(process.argv.slice(2))
