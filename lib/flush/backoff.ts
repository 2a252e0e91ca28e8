const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 10_000

/**
 * How long to wait before something that failed is tried again: 0.1 s at first, then twice as long each
 * time, up to 10 s. Each delay is shortened by up to half at random, so that several instances do not
 * come back at the same moment.
 */
export class Backoff {
  readonly #random: () => number
  #failures = 0
  #timer: NodeJS.Timeout | null = null

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  get isOver(): boolean {
    return this.#timer === null
  }

  /** Starts the next delay; `onOver` is called at its end. */
  fail(onOver: () => void): void {
    this.#clear()
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++)
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        onOver()
      },
      delayMs * (1 - this.#random() / 2),
    )
  }

  reset(): void {
    this.#failures = 0
    this.#clear()
  }

  #clear(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
  }
}
