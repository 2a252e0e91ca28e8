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
