import { parseArgs } from 'node:util'
import { ClickCounterError } from '../../lib/base/errors.ts'

/** The command does not understand its arguments. */
export class UsageError extends ClickCounterError {
  constructor(message: string) {
    super('USAGE', message)
  }
}

/** Runs a command and sets the exit code: 0, or 1 with a message. */
export async function runCommand(
  help: string,
  run: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    return
  }
  try {
    await run(args)
  } catch (error) {
    const { message } = error as Error
    process.stderr.write(error instanceof UsageError ? `${message}\n\n${help}` : `${message}\n`)
    process.exitCode = 1
  }
}

/**
 * Separates the flags of a command from its other arguments. Throws a UsageError for a flag not in `flags`.
 */
export function parseFlags<Flag extends string>(
  args: readonly string[],
  flags: readonly Flag[],
): { given: ReadonlySet<Flag>; rest: readonly string[] } {
  try {
    const options = Object.fromEntries(flags.map(flag => [flag, { type: 'boolean' as const }]))
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { given: new Set(Object.keys(values) as Flag[]), rest: positionals }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
