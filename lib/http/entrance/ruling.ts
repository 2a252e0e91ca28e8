import type { Answer } from '../listener/answer.ts'

/** By which path a click comes: /counter/{id}, /counter/{id}.gif or /click/{id}. */
export type ClickForm = 'counter' | 'pixel' | 'click'

/**
 * What becomes of a click. limited: too many have come from its client. unknowable: it is too early to say, so it is
 * neither counted nor booked.
 */
export type Fate = 'counted' | 'inactive' | 'unknown' | 'limited' | 'unknowable'
/** By the state of the banner alone, of a click by a path that only counts: it is never too early to say. */
export type CountingFate = Exclude<Fate, 'limited' | 'unknowable'>

/** The answer to a click, and what becomes of it. */
export interface Ruling extends Answer {
  readonly fate: Fate
}

/** The ruling on the clicks of one banner by /click/{id}. */
export interface BannerRuling extends Ruling {
  /** Makes the ruling on each click, where they differ. null: it is this one, whatever click it is. */
  readonly each: EachClick | null
}

export interface EachClick {
  /**
   * `query`: of the click's address, behind its `?`. `wantsPage`: see facts.ts. `now` is in milliseconds since the
   * epoch.
   */
  rulingOn(query: string, wantsPage: boolean, now: () => number): Ruling
}
