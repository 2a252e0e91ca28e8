/** A line for whoever waits; the results alone go to standard output. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
