import type { ThreadBooks } from '../../books/thread-books.ts'
import { type DuplicateTable, KNOWN, NO_PLACE } from '../../clients/duplicate-table.ts'
import { BOT, type ClickClass, DUPLICATE, VALID } from '../../rows/classes.ts'
import type { Client } from './clients.ts'

interface ClassifierOptions {
  /** null: duplicates are not told from other clicks. */
  readonly duplicates: DuplicateTable | null
  readonly books: Pick<ThreadBooks, 'countUnnoted'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Says which class a click has. For that it notes each valid click. A note is in force at once, so that of two clicks
 * that come together one is a duplicate, and is taken back when its click is refused.
 */
export class Classifier {
  readonly #options: ClassifierOptions
  /** Places and words, alternating, of notes whose clicks have no outcome yet. */
  #notes: number[] = []
  /** The notes of each outcome that is not known yet: between two clicks of a tick, another one may wait for room. */
  readonly #notesByOutcome = new Map<Promise<void>, number[]>()
  /** The last outcome, and the notes of its clicks. */
  #outcome: Promise<void> | null = null
  #notesOfOutcome: number[] = []

  constructor(options: ClassifierOptions) {
    this.#options = options
  }

  /** The class of a click that counts. To be called once for each, and `settleWith` after it. */
  classOf(bannerId: number, { isBot, key, previousKey }: Client): ClickClass {
    if (isBot) return BOT
    if (key === null) return VALID
    const { duplicates, books, now } = this.#options
    const place = duplicates!.note(key, previousKey, bannerId, now())
    if (place === KNOWN) return DUPLICATE
    if (place === NO_PLACE) books.countUnnoted()
    else this.#notes.push(place, duplicates!.notedWord)
    return VALID
  }

  /**
   * To be called with the outcome of all clicks that were classed since the last call, before anybody else waits for
   * it. When it rejects, their notes are taken back before the refusal is written: whoever sends the click again after
   * that is no duplicate. Called later, it would be told after those who write the refusal.
   */
  settleWith(outcome: Promise<void>): void {
    const { duplicates } = this.#options
    if (duplicates === null) return
    if (outcome !== this.#outcome) {
      this.#outcome = outcome
      this.#notesOfOutcome = this.#notesByOutcome.get(outcome) ?? this.#begin(outcome, duplicates)
    }
    for (const part of this.#notes) this.#notesOfOutcome.push(part)
    this.#notes.length = 0
  }

  /** Once for each outcome: told a second time, it would come after those who write the refusal. */
  #begin(outcome: Promise<void>, duplicates: DuplicateTable): number[] {
    const notes: number[] = []
    this.#notesByOutcome.set(outcome, notes)
    const forget = () => void this.#notesByOutcome.delete(outcome)
    outcome.then(forget, () => {
      for (let note = 0; note < notes.length; note += 2) duplicates.takeBack(notes[note]!, notes[note + 1]!)
      forget()
    })
    return notes
  }
}
