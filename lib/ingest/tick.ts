import type { RingFullError } from '../base/errors.ts'
import type { MinutePairs } from '../journal/append/segment.ts'
import type { KeyedBulk } from '../rows/keyed-bulk.ts'

/** Clicks that found no room: of one banner, or of a bulk. */
export interface WaitingClicks {
  readonly clicks: number
  /** Tries it again. */
  readonly add: (tick: Tick, minute: number) => boolean
  /** Whether one of their banners is unknown. */
  readonly haveUnknown: () => boolean
}

export interface Tick {
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  readonly minute: number
  /** Ends the tick with its turn of the event loop. */
  readonly turnEnd: NodeJS.Immediate
  /** Requests whose clicks were added. */
  requests: number
  /** All clicks of the tick, with those of its bulks, by class. */
  readonly clicks: [valid: number, bot: number, duplicate: number]
  readonly bulks: MinutePairs[]
  readonly keyed: KeyedBulk[]
  keyedPairs: number
  readonly end: PromiseWithResolvers<void>
  /** Set when one of its clicks found no room: resolves with whether room was made in time. */
  room: Promise<boolean> | null
  /** Set when no room was made in time: of all those clicks. */
  refusal: RingFullError | null
}

/** An empty one. */
export function newTick(generation: number, startedAtMs: number, turnEnd: NodeJS.Immediate): Tick {
  return {
    generation,
    startedAtMs,
    // At least 1: a clock that was never set says 0, and that marks an unused part of the ring.
    minute: Math.max(1, Math.floor(startedAtMs / 60_000)),
    turnEnd,
    requests: 0,
    clicks: [0, 0, 0],
    bulks: [],
    keyed: [],
    keyedPairs: 0,
    end: Promise.withResolvers(),
    room: null,
    refusal: null,
  }
}
