/**
 * Makes a command go on to its end when nobody takes what it prints: the reader of a pipe has ended, or a disk is full.
 * It says so once, and the exit code is 1. Otherwise the process would end at that moment, and an embedded Postgres that
 * the command has started would run on.
 */
export function outliveLostOutput(): void {
  let isTold = false
  process.stdout.on('error', ({ message }) => {
    process.exitCode = 1
    if (!isTold) process.stderr.write(`the standard output could not be written: ${message}\n`)
    isTold = true
  })
  process.stderr.on('error', () => {})
}
