import { parseArgs } from 'node:util'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { outliveLostOutput } from '../../lib/base/lost-output.ts'

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
  outliveLostOutput()
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
 * Separates the flags of a command, and its options with their texts, from its other arguments. The last one of a name
 * counts. Throws a UsageError for what is neither in `flags` nor in `options`.
 */
export function parseOptions<Flag extends string, Option extends string = never>(
  args: readonly string[],
  flags: readonly Flag[],
  options: readonly Option[] = [],
): { given: ReadonlySet<Flag>; texts: ReadonlyMap<Option, string>; rest: readonly string[] } {
  try {
    const known = Object.fromEntries([
      ...flags.map(flag => [flag, { type: 'boolean' as const }] as const),
      ...options.map(option => [option, { type: 'string' as const }] as const),
    ])
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true })
    const written = Object.entries(values)
    const texts = written.filter((entry): entry is [Option, string] => typeof entry[1] === 'string')
    const given = written.filter(([, value]) => value === true).map(([flag]) => flag as Flag)
    return { given: new Set(given), texts: new Map(texts), rest: positionals }
  } catch (error) {
    // Node goes on to explain how an argument that begins with a dash is written: no command takes one.
    throw new UsageError((error as Error).message.split('. To specify a positional')[0]!)
  }
}
