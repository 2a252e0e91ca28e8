import { createInterface } from 'node:readline/promises'
import { ClickCounterError } from '../../lib/base/errors.ts'

/** A terminal, or streams in its place. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/**
 * Shows the warnings and asks whether to go on. Does not ask when there are none, or with `isYes`. Throws a
 * ClickCounterError when the answer is not yes, or when there is no terminal.
 */
export async function confirm(
  warnings: readonly string[],
  isYes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (warnings.length === 0) return
  for (const warning of warnings) output.write(`${warning}\n`)
  if (isYes) return
  if (!input.isTTY)
    throw new ClickCounterError('NOT_CONFIRMED', 'nothing was changed: say --yes to do it without a question')
  if (!/^y(es)?$/i.test(await ask('Go on? [y/N] ', { input, output })))
    throw new ClickCounterError('NOT_CONFIRMED', 'nothing was changed')
}

/** The answer; empty when the terminal is closed, or at Ctrl-C. */
async function ask(question: string, terminal: Terminal): Promise<string> {
  const lines = createInterface(terminal)
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  lines.once('close', () => resolve(''))
  const answer = await Promise.race([lines.question(question), closed])
  lines.close()
  return answer.trim()
}
