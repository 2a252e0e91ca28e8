import { holdDirectory } from '../../lib/exclusive/directory.ts'
import { holdPort } from '../../lib/exclusive/port.ts'

/** Holds a directory or a port until it is ended, and prints a line: held, or why not. */
const [kind, where, port] = process.argv.slice(2)
try {
  if (kind === 'directory') holdDirectory(where!)
  else await holdPort(where!, Number(port))
  process.stdout.write('held\n')
  setInterval(() => {}, 3_600_000)
} catch (error) {
  const { name, code, message } = error as Error & { code: string }
  process.stdout.write(`${name} ${code} ${message}\n`)
}
