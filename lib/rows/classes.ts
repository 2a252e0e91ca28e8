/** A value for each class. */
export type ByClass<T> = readonly [valid: T, bot: T, duplicate: T]

/**
 * The classes of a click that is counted. *Gross* clicks are those of all classes. The columns of Rows and
 * the words of a slot are in this order. The journal's files hold a class as its place in this list, so a new
 * class goes to the end.
 */
export const CLASSES = ['valid', 'bot', 'duplicate'] as const satisfies ByClass<string>

/** A class as its place in CLASSES: a number, because every click carries one. */
export type ClickClass = 0 | 1 | 2
export const VALID = 0
export const BOT = 1
export const DUPLICATE = 2
export const CLICK_CLASSES: ByClass<ClickClass> = [VALID, BOT, DUPLICATE]

export const NO_CLICKS: ByClass<number> = [0, 0, 0]

/** Clicks of all classes. */
export function grossOf(clicks: ByClass<number>): number {
  return clicks[VALID] + clicks[BOT] + clicks[DUPLICATE]
}

export function plus(a: ByClass<number>, b: ByClass<number>): ByClass<number> {
  return byClass(clickClass => a[clickClass] + b[clickClass])
}

export function minus(a: ByClass<number>, b: ByClass<number>): ByClass<number> {
  return byClass(clickClass => a[clickClass] - b[clickClass])
}

export function byClass<T>(make: (clickClass: ClickClass) => T): ByClass<T> {
  return [make(VALID), make(BOT), make(DUPLICATE)]
}
