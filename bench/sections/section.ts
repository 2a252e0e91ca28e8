import type { SectionResult } from '../report/section-result.ts'

/** One question that the bench answers. */
export interface Section {
  /** Its name on the command line, and of its files in bench/results. */
  readonly name: string
  readonly title: string
  readonly question: string
  /** Programs that must be installed. */
  readonly needs: readonly string[]
  /** Whether it is run when none is named. */
  readonly isByDefault: boolean
  measure(options: BenchOptions): Promise<SectionResult>
}

/** How often, and for how long each time, a section saturates each of its subjects. */
export function saturation(isQuick: boolean): { readonly rounds: number; readonly seconds: number } {
  return isQuick ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 3 }
}

export interface BenchOptions {
  /** Seconds instead of minutes, to see that the section runs. Its figures mean nothing. */
  readonly isQuick: boolean
  /** How long `soak` or `crowd` goes on; null: its own time. */
  readonly minutes: number | null
  /** The checkout that `paired` compares this code with; null: none is named. */
  readonly against: string | null
}
