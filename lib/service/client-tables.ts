import { monotonicMs } from '../base/monotonic.ts'
import { DuplicateTable } from '../clients/duplicate-table.ts'
import { Salts } from '../clients/salts.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const ROUND_MS = 1000

/** Main's part of the tables of clients: the salts change, and notes that are over go. */
export class ClientTables {
  readonly #salts: Salts
  readonly #duplicates: DuplicateTable | null

  constructor(memory: SharedMemory) {
    this.#salts = new Salts(memory)
    this.#duplicates = memory.noteCount > 0 ? new DuplicateTable(memory, memory.duplicateWindowMs) : null
  }

  /** To be done before threads serve, and then once a second. */
  look(nowMs: number): void {
    this.#salts.rotate(nowMs, monotonicMs())
    this.#duplicates?.sweep(nowMs)
  }
}

/** Looks after the tables of clients until it is stopped. Does nothing when no setting needs them. */
export function watchClientTables(memory: SharedMemory): { stop(): void } {
  if (memory.noteCount + memory.limitCount === 0) return { stop: () => {} }
  const tables = new ClientTables(memory)
  tables.look(Date.now())
  const timer = setInterval(() => tables.look(Date.now()), ROUND_MS)
  return { stop: () => clearInterval(timer) }
}
