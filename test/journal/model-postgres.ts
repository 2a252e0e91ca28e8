import type pg from 'pg'
import { statements } from '../../db/statements.ts'

/** What becomes of a COMMIT: of the transaction, and of whoever sent it. */
export const COMMITS = [
  'done',
  'refused',
  'done, answer lost',
  'refused, worker dies',
  'done, worker dies',
  'refused, process dies',
  'done, process dies',
] as const
export type Commit = (typeof COMMITS)[number]

export class WorkerDeath extends Error {}

interface Transaction {
  readonly ledger: Map<string, number>
  readonly clicks: Map<number, number>
}

/** The tables of Postgres and the statements of a flush, in memory. */
export class ModelPostgres {
  readonly #kill: () => void
  readonly #commits: Commit[] = []
  #gate: PromiseWithResolvers<void> | null = null
  #stored: Transaction = { ledger: new Map(), clicks: new Map() }
  #open: Transaction = this.#stored

  constructor(kill: () => void) {
    this.#kill = kill
  }

  get ledgerRows(): number {
    return this.#stored.ledger.size
  }

  clicksOf(bannerId: number): number {
    return this.#stored.clicks.get(bannerId) ?? 0
  }

  /** What the next ones become; all that come after are done. */
  plan(commits: readonly Commit[]): void {
    this.#commits.splice(0, this.#commits.length, ...commits)
  }

  /** From here on nothing is answered until `goOn`. */
  hang(): void {
    this.#gate ??= Promise.withResolvers()
  }

  goOn(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  readonly client = {
    query: async (text: string, values: unknown[] = []) => {
      await this.#gate?.promise
      return this.#query(text, values)
    },
  } as unknown as pg.Client

  #query(text: string, values: unknown[]) {
    switch (text.startsWith('BEGIN') ? 'BEGIN' : text) {
      case 'BEGIN':
        this.#open = { ledger: new Map(this.#stored.ledger), clicks: new Map(this.#stored.clicks) }
        return { rowCount: null }
      case statements.advanceLedger:
        return { rowCount: this.#advance(values as [string, number]) ? 1 : 0 }
      case statements.addClicks:
        return { rowCount: this.#add(values as string[]) }
      case 'COMMIT':
        return this.#commit()
      case 'ROLLBACK':
      case 'SELECT 1':
        return { rowCount: null }
      case statements.forgetWriter:
        return { rowCount: this.#open.ledger.delete(values[0] as string) ? 1 : 0 }
      default:
        throw new Error(`a statement that the model does not know: ${text}`)
    }
  }

  #advance([writer, generation]: [string, number]): boolean {
    if ((this.#open.ledger.get(writer) ?? 0) >= generation) return false
    this.#open.ledger.set(writer, generation)
    return true
  }

  #add([bannerIds, , clicks]: string[]): number {
    const counts = numbersOf(clicks!)
    const ids = numbersOf(bannerIds!)
    ids.forEach((id, row) => {
      this.#open.clicks.set(id, (this.#open.clicks.get(id) ?? 0) + counts[row]!)
    })
    return ids.length
  }

  #commit() {
    const commit = this.#commits.shift() ?? 'done'
    if (commit.startsWith('done')) this.#stored = this.#open
    if (commit === 'done') return { command: 'COMMIT' }
    if (commit.endsWith('worker dies')) throw new WorkerDeath()
    if (commit.endsWith('process dies')) this.#kill()
    throw new Error(commit)
  }
}

/** Of an array in Postgres' text form. */
function numbersOf(literal: string): number[] {
  return JSON.parse(`[${literal.slice(1, -1)}]`)
}
