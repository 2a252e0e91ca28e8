export type RangeName = 'hour' | 'today' | 'yesterday' | '7days' | '30days' | 'month' | '12months' | 'own'

/** As the service names them. */
export type Step = 'minute' | 'quarter' | 'hour' | 'day' | 'week' | 'month'

/** As the service names them; '': with nothing. */
export type Comparison = '' | 'previous' | 'year'

/** What the view is asked for. */
export interface Question {
  /** As it was typed. */
  readonly id: string
  readonly range: RangeName
  /** Of the range `own`: ISO 8601 in UTC, such as 2024-12-12T10:00Z. */
  readonly from: string
  readonly to: string
  /** '': the one that fits the range. */
  readonly step: Step | ''
  readonly compare: Comparison
}

/** What POST /stats/{id} answers, as far as the page reads it. */
export interface Answer {
  readonly from: string
  readonly to: string
  readonly step: Step
  readonly total: number
  readonly bots: number
  readonly duplicates: number
  readonly stats: readonly Stat[]
  readonly compared?: Compared
}

export type Compared = Pick<Answer, 'from' | 'to' | 'total' | 'stats'>

export interface Stat {
  /** In the zone that was asked for. */
  readonly ts: string
  readonly v: number
  readonly bots?: number
  readonly duplicates?: number
}

/** One step of the range, as it is drawn and listed. */
export interface Entry {
  /** Milliseconds since the epoch, cut where the range begins and ends. */
  readonly startMs: number
  readonly endMs: number
  /** What the clocks of the zone show at the start, as if they stood in UTC, and how far they are from it there. */
  readonly wallMs: number
  readonly offset: string
  /** `running`: more clicks may come. `ahead`: it has not begun. */
  readonly state: 'closed' | 'running' | 'ahead'
  readonly clicks: number
  readonly bots: number
  readonly duplicates: number
  /** The step that it is compared with. null: there is none. */
  readonly compared: { readonly wallMs: number; readonly clicks: number } | null
}

/** An answer, ready to be shown. */
export interface Shown {
  readonly answer: Answer
  readonly fromMs: number
  readonly toMs: number
  readonly entries: readonly Entry[]
}

/** In milliseconds since the epoch, half-open. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
}
