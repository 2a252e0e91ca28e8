/** The answer to one question. */
export interface Section {
  /** Markdown. */
  readonly text: string
  /** No click failed or was lost. */
  readonly isSound: boolean
}

export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
