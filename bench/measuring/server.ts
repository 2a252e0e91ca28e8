/** A server whose clicks are measured: the service, or one that does something like it. */
export interface Server {
  readonly url: string
  /** Processor time of its processes so far, without a database's. */
  cpuSeconds(): number
  /** Of the Postgres that it writes to; 0 without one. */
  databaseCpuSeconds(): number
  /** Clicks by its own books, at once. */
  accepted(): Promise<number>
  /** So far. Resolves when no click is on its way any more. */
  totals(): Promise<Totals>
}

export interface Totals {
  /** Clicks by the server's own books. */
  readonly accepted: number
  /** Clicks where it keeps them: in Postgres if it has one. */
  readonly stored: number
}
