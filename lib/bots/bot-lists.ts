/**
 * What an operator's two files say, as main has read it. It goes to the threads as it is: the ranges lie in shared
 * memory, so that all threads read the same bytes.
 */
export interface BotLists {
  /** Texts of User-Agents, as `pattern.ts` returns them: in lower case, each once. */
  readonly patterns: readonly string[]
  /** As the files name them, each once. */
  readonly rangeCount: number
  /** The ranges by family, as `packRanges` returns them. */
  readonly ipv4: Uint32Array
  readonly ipv6: Uint32Array
}
