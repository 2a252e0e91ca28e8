import type { SectionResult } from '../report/section-result.ts'

/** What one question is asked and answered by. */
export interface Section {
  /** On the command line, and of its files in bench/results. */
  readonly name: string
  readonly title: string
  readonly question: string
  /** Programs without which it cannot be answered. */
  readonly needs: readonly string[]
  /** Whether it is run when none is named. */
  readonly isByDefault: boolean
  measure(options: BenchOptions): Promise<SectionResult>
}

export interface BenchOptions {
  /** Seconds instead of minutes: whether it runs, not what comes out. */
  readonly isQuick: boolean
  /** How long `soak` goes on; null: its own time. */
  readonly minutes: number | null
  /** The checkout that `paired` compares this code with; null: none is named. */
  readonly against: string | null
}
