import { type ByClass, byClass, type ClickClass } from './classes.ts'

/** Clicks summed by banner. */
export interface Pairs {
  /** Banner id and clicks, alternating. No banner is there twice. */
  readonly pairs: Int32Array
  readonly clicks: number
}

/** The clicks of a bulk that have one class. */
export interface BulkPart extends Pairs {
  readonly clickClass: ClickClass
}

/** What tells keyed bulks apart, and one that is sent again from one that has taken another one's key. */
export interface BulkIdentity {
  /** 1 to 255 visible characters of ASCII. */
  readonly key: string
  /** Says what the bulk had in it when it was sent: 32 hexadecimal digits, in lower case. */
  readonly fingerprint: string
}

/**
 * A bulk that came with a key: it counts once, wherever it is sent again. It is never in the ring. The journal holds it
 * whole, and it stays apart from other clicks until a flush inserts its key into Postgres.
 */
export interface KeyedBulk extends BulkIdentity {
  /** Of its arrival, in minutes since the epoch. */
  readonly minute: number
  /** At least one, ascending by class, each class once. */
  readonly parts: readonly BulkPart[]
  /** The clicks of its parts. */
  readonly totals: ByClass<number>
}

export const MAX_KEY_LENGTH = 255
const KEY = /^[\x21-\x7e]{1,255}$/

/** Whether a bulk may have this key. */
export function isBulkKey(text: string): boolean {
  return KEY.test(text)
}

export function keyedBulkOf(bulk: Omit<KeyedBulk, 'totals'>): KeyedBulk {
  return { ...bulk, totals: totalsOfParts(bulk.parts) }
}

function totalsOfParts(parts: readonly BulkPart[]): ByClass<number> {
  return byClass(of => parts.find(({ clickClass }) => clickClass === of)?.clicks ?? 0)
}
