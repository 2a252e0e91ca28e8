import type { AccessSnapshot } from '../access/snapshot.ts'
import type { KeyUse } from '../messages.ts'
import { Watch, type WatchOptions } from '../watch/watch.ts'
import type { AccessSource } from './access-source.ts'
import { KeyUses } from './key-uses.ts'

interface AccessWatchOptions extends Omit<WatchOptions<AccessSnapshot>, 'source' | 'afterRound'> {
  readonly source: Pick<AccessSource, 'read' | 'noteUse' | 'close'>
}

/** Looks in Postgres for changes of keys and sessions, and writes there on which days keys were used. */
export class AccessWatch extends Watch<AccessSnapshot> {
  readonly #uses: KeyUses

  constructor(options: AccessWatchOptions) {
    const uses = new KeyUses(options.source, () => performance.now())
    super({ ...options, afterRound: () => uses.write() })
    this.#uses = uses
  }

  noteUse(use: KeyUse): void {
    this.#uses.add(use)
  }
}
