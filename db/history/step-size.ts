const MAX_QUARTERS = 31 * 96

/** How many quarters of an hour the next step takes: so many as should last `aimMs`, by what the last one took. */
export class StepSize {
  readonly #aimMs: number
  #quarters = 1

  constructor(aimMs: number) {
    this.#aimMs = aimMs
  }

  get quarters(): number {
    return this.#quarters
  }

  /** A step of so many quarters lasted so long. The next one is twice as long at most: nights are emptier than days. */
  took(quarters: number, ms: number): void {
    const fitting = Math.floor((quarters * this.#aimMs) / Math.max(ms, 1))
    this.#quarters = Math.max(1, Math.min(fitting, 2 * quarters, MAX_QUARTERS))
  }

  /** A step lasted too long, and was undone. */
  undone(): void {
    this.#quarters = 1
  }
}
