import type { Clock } from '../clock.js'

/** A step of an answer. */
export interface Step {
  /** Its start, with the offset of the zone. */
  readonly ts: string
  readonly v: number
  readonly bots?: number
  readonly duplicates?: number
}

export interface Sums {
  readonly total: number
  readonly bots: number
  readonly duplicates: number
}

export interface BannerSums extends Sums {
  readonly bannerId: number
  /** null: nobody has registered it. */
  readonly name: string | null
  readonly stats?: readonly Step[]
}

export interface CampaignSums extends Sums {
  /** null: banners without one. */
  readonly campaign: string | null
  readonly stats?: readonly Step[]
}

/** What POST /stats answers. Which lists are there depends on the question. */
export interface Answer extends Sums {
  readonly stats?: readonly Step[]
  readonly banners?: readonly BannerSums[]
  readonly campaigns?: readonly CampaignSums[]
  readonly compared?: Answer
}

/** The questions of a refresh. `before`: the week before. `rest`: who was much clicked then, and is not now. */
export type QuestionName = 'today' | 'week' | 'month' | 'campaigns' | 'before' | 'rest'

export type Answers = Readonly<Record<QuestionName, Answer>>

/** What is known of a question: an answer as of that moment. */
export interface Known {
  readonly answer: Answer
  readonly atMs: number
  readonly span: Span
}

/** Which days are asked for: they begin in the zone of the clock, and the longer ranges end there. */
export interface Span {
  readonly clock: Clock
  readonly endMs: number
  /** Whether they are whole days of UTC, whatever zone is chosen. */
  readonly isOfUtcDays: boolean
}

/** Clicks of a banner in the last seven days, and in the seven before. */
export interface Move {
  readonly bannerId: number
  readonly name: string | null
  readonly now: number
  readonly before: number
}

/** Today beside yesterday. */
export interface Today extends Sums {
  /** What of today is finished: quarters of an hour. */
  readonly finished: number
  /** Yesterday, until the same time. */
  readonly finishedYesterday: number
  readonly yesterday: number
  /** That time, such as 12:15. */
  readonly until: string
}

/** Columns of the chart: seconds since the epoch, and clicks in the quarter that begins there. */
export interface DayColumns {
  readonly times: number[]
  readonly yesterday: (number | null)[]
  readonly finished: (number | null)[]
  /** The running quarter, which is not finished. */
  readonly running: (number | null)[]
}
