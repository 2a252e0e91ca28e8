import type pg from 'pg'
import { connect, discard } from '../../db/connection/connect.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'

/** What becomes of a COMMIT and its answer. */
export const COMMIT_FATES = [
  'done',
  'refused',
  'done, answer lost',
  'refused, killed',
  'done, killed',
] as const
export type CommitFate = (typeof COMMIT_FATES)[number]

/** A connection to a real Postgres that breaks at chosen COMMITs, and is made anew after that. */
export class FaultyClient {
  /** Of the next COMMITs. */
  readonly fates: CommitFate[] = []
  readonly #server: DatabaseServer
  readonly #onKill: () => void
  #real: pg.Client | null = null
  #isDead = false

  /** `onKill` is called when the process dies over a COMMIT. */
  constructor(server: DatabaseServer, onKill: () => void) {
    this.#server = server
    this.#onKill = onKill
  }

  /** As the flush worker's. */
  get client(): pg.Client {
    return { query: (...call: [string, unknown[]?]) => this.#query(...call) } as unknown as pg.Client
  }

  /** The process is dead: nothing is sent any more. */
  kill(): void {
    this.#isDead = true
    this.#break()
  }

  async #query(sql: string, values?: unknown[]): Promise<pg.QueryResult> {
    if (!this.#isDead) this.#real ??= await connect(this.#server, 'clickcounter test')
    // It may have died while it connected.
    if (this.#isDead) {
      this.#break()
      return await new Promise(() => {})
    }
    const real = this.#real!
    const fate = sql === 'COMMIT' ? (this.fates.shift() ?? 'done') : 'done'
    try {
      const result = fate.startsWith('done') ? await real.query(sql, values) : null
      if (fate === 'done') return result!
    } catch (error) {
      this.#break()
      throw error
    }
    if (fate.endsWith('killed')) {
      this.#onKill()
      return await new Promise(() => {})
    }
    this.#break()
    throw Object.assign(new Error('the connection broke'), { code: '08006' })
  }

  #break(): void {
    if (this.#real !== null) discard(this.#real)
    this.#real = null
  }
}
