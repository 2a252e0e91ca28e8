import type { Conditions } from '../../books/conditions.ts'

/** Names that a sentence has room for. */
const MAX_NAMES = 3

/** Tells operators of what is in the journal's directory and is neither stored nor removed. */
export class PassedOver {
  readonly #conditions: Conditions
  /** Files whose content, not whose name, says that a newer version has written them. */
  readonly #newerByContent = new Set<string>()

  constructor(conditions: Conditions) {
    this.#conditions = conditions
  }

  addNewer(name: string): void {
    this.#newerByContent.add(name)
  }

  /** Names that were found when the directory was looked through. */
  tell(odd: readonly string[], newer: readonly string[]): void {
    this.#tell(
      'journal_odd_files',
      odd,
      names =>
        `The journal's directory holds what is not the journal's, or cannot be looked at, and is passed over: ${names}; move it away.`,
    )
    this.#tell(
      'journal_newer',
      [...new Set([...newer, ...this.#newerByContent])],
      names =>
        `A newer version of this program has written ${names}: these clicks wait for that version. Start it again in this directory.`,
    )
  }

  #tell(
    condition: 'journal_odd_files' | 'journal_newer',
    names: readonly string[],
    sentence: (names: string) => string,
  ): void {
    if (names.length === 0) this.#conditions.clear(condition)
    else this.#conditions.raise(condition, sentence(someOf(names)))
  }
}

function someOf(names: readonly string[]): string {
  const some = names.slice(0, MAX_NAMES).map(name => JSON.stringify(name))
  const others = names.length > some.length ? ` and ${names.length - some.length} more` : ''
  return `${some.join(', ')}${others}`
}
