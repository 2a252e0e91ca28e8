/** The answer to one question. */
export interface Section {
  /** Markdown below the section's heading. */
  readonly text: string
  /** Everything the text was computed from, for bench/results. */
  readonly raw: unknown
  /** SVG by file name, as the text refers to it in `results/`. */
  readonly charts: Readonly<Record<string, string>>
  /** No click failed, was lost or counted twice. */
  readonly isSound: boolean
}

export interface BenchOptions {
  /** Seconds instead of minutes: whether it runs, not what comes out. */
  readonly isQuick: boolean
  /** For a section that looks at growth over time; null: its own. */
  readonly minutes: number | null
}

export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
