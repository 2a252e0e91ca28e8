import type { BannerLookup } from '../../banners/banner-lookup.ts'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { BotRules } from '../../bots/bot-rules.ts'
import { ClickLimits } from '../../clients/click-limits.ts'
import { DuplicateTable } from '../../clients/duplicate-table.ts'
import { Salts } from '../../clients/salts.ts'
import type { Config } from '../../config/config.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import type { SharedMemory } from '../../memory/shared-memory.ts'
import { Classifier } from './classifier.ts'
import { ClientAddresses } from './client-address.ts'
import { Clients } from './clients.ts'
import { Entrance } from './entrance.ts'
import { FactReader, wantedFields } from './facts.ts'
import { Limit } from './limit.ts'
import { Rulings } from './rulings.ts'

export interface NewEntranceOptions {
  readonly config: Config
  readonly memory: SharedMemory
  readonly recorder: Recorder
  readonly books: ThreadBooks
  readonly lookup: BannerLookup
  /** null: bots are not told from people. */
  readonly bots: BotRules | null
  /** As ClientsOptions has it. */
  readonly hasCountingKey: (authorization: string) => boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The entrance, and what its users ask before they come to it. What no setting needs is not made. */
export function newEntrance({ config, memory, recorder, books, lookup, ...options }: NewEntranceOptions) {
  const { duplicateWindowMs } = config.classes
  const { clientClicksPerMinute } = config
  const { bots, hasCountingKey, now } = options
  const duplicates = duplicateWindowMs > 0 ? new DuplicateTable(memory, duplicateWindowMs) : null
  const limits = clientClicksPerMinute > 0 ? new ClickLimits(memory, clientClicksPerMinute) : null
  const addresses = new ClientAddresses(config.server.trustedProxies, () => books.countMalformedForwarded())
  const clients = new Clients({
    addresses,
    bots,
    salts: duplicates === null && limits === null ? null : new Salts(memory),
    areDuplicatesClassed: duplicates !== null,
    areClicksLimited: limits !== null,
    hasCountingKey,
    now,
  })
  const entrance = new Entrance({
    recorder,
    books,
    rulings: new Rulings({ lookup, ...config.banners, now }),
    limit: new Limit({ limits, clicksPerMinute: clientClicksPerMinute, books, now }),
    classifier: new Classifier({ duplicates, books, now }),
    clients,
  })
  return { entrance, clients, factReader: new FactReader(wantedFields(config)) }
}
