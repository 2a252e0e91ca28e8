const COMMA = 44
const MINUS = 45
const ZERO = 48

/**
 * Whole numbers with commas between them, as Postgres packs them. They are gone along one by one, and nothing is made of
 * them: with a text of each number, an answer makes so much garbage that clicks wait while it is collected.
 */
export class NumberList {
  readonly digits: string
  /** Where the present number is among the digits. Before the first one is asked for, there is none. */
  from = 0
  to = -1

  constructor(digits: string) {
    this.digits = digits
  }

  /** Goes to the next number. false: there is none. */
  next(): boolean {
    const { digits } = this
    const from = this.to + 1
    if (from >= digits.length) return false
    let to = from + 1
    while (to < digits.length && digits.charCodeAt(to) !== COMMA) to++
    this.from = from
    this.to = to
    return true
  }

  get isZero(): boolean {
    return this.digits.charCodeAt(this.from) === ZERO
  }

  /** Exact below 2^53. */
  get value(): number {
    const { digits, from, to } = this
    const isNegative = digits.charCodeAt(from) === MINUS
    let value = 0
    for (let at = isNegative ? from + 1 : from; at < to; at++)
      value = value * 10 + digits.charCodeAt(at) - ZERO
    return isNegative ? -value : value
  }
}
