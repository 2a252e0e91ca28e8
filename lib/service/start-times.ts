/** How long the steps of a start took, in whole milliseconds, in their order. */
export class StartTimes {
  /** By the step's name. */
  readonly stepsMs: Record<string, number> = {}
  /** Since the start of the process. So the first step includes Node's own start. */
  #lastEndMs = 0

  /** The step has ended. It began with the end of the step before it. */
  ended(step: string): void {
    const nowMs = performance.now()
    this.stepsMs[step] = Math.round(nowMs - this.#lastEndMs)
    this.#lastEndMs = nowMs
  }

  /** From the start of the process to the end of the last step. */
  get seconds(): number {
    return this.#lastEndMs / 1000
  }
}
