/** What GET /fleet answers. */
export interface Fleet {
  /** RFC 3339. null: no instance has told yet. */
  readonly finalThrough: string | null
  /** Names of who lags, or is lost. */
  readonly heldBackBy: readonly string[]
  readonly instances: readonly Instance[]
}

export interface Instance {
  readonly name: string
  /** Of this life of its process. */
  readonly id: string
  readonly version: string
  readonly state: 'serving' | 'draining' | 'stopped' | 'lost' | 'forgotten'
  readonly startedAt: string
  readonly seenAt: string
  /** Clicks that are not stored. */
  readonly pending: number
  readonly pendingSeconds: number
  readonly finalThrough: string
  /** What to do. null: nothing. */
  readonly advice: string | null
}

/** How an instance is, in a word. */
export interface StateWords {
  readonly tone: 'good' | 'warn' | 'bad' | 'idle'
  readonly word: string
}
