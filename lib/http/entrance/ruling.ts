import type { Answer } from '../listener/answer.ts'

/** By which path a click comes: /counter/{id}, /counter/{id}.gif or /click/{id}. */
export type ClickForm = 'counter' | 'pixel' | 'click'

/** What becomes of a click. unknowable: it is too early to say, so it is neither counted nor booked. */
export type Fate = 'counted' | 'inactive' | 'unknown' | 'unknowable'
/** Of a click by a path that only counts: it is never too early to say. */
export type CountingFate = Exclude<Fate, 'unknowable'>

/** What becomes of a click, and its answer. */
export interface Ruling {
  readonly fate: Fate
  readonly answer: Answer
}

/** Makes the rulings on the clicks by /click/{id} of one banner. */
export interface ClickRule {
  /**
   * `query`: of the click's address, behind its `?`. `wantsPage`: see facts.ts. `now` is in milliseconds since the
   * epoch.
   */
  rulingOn(query: string, wantsPage: boolean, now: () => number): Ruling
}
