/** What one run of a section found. */
export interface SectionResult {
  /** Markdown below the section's heading. */
  readonly text: string
  /** Everything the text was computed from, for bench/results. */
  readonly raw: unknown
  /** SVG by file name, as the text refers to it in `results/`. */
  readonly charts: Readonly<Record<string, string>>
  /** No click failed, was lost or counted twice. */
  readonly isSound: boolean
}
