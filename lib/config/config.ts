/**
 * The configuration in force: validated, frozen, and handed to every thread. Nothing
 * else reads the environment.
 */
export interface Config {
  readonly server: {
    readonly host: string
    /** 0 lets the system choose a free port. */
    readonly port: number
    /** Request threads, ≥ 1. */
    readonly threads: number
    /** Whether plain clicks are answered ahead of the HTTP parser. */
    readonly isHotLaneOn: boolean
    /** After the signal to stop, the service goes on serving this long, and says that it is not ready. */
    readonly drainMs: number
    /** Addresses and CIDR ranges, canonical. What these peers say of others is believed. */
    readonly trustedProxies: readonly string[]
  }
  readonly database: {
    /** null: the embedded Postgres in `dataDir`. */
    readonly server: DatabaseServer | null
    /** Connections of all threads together. */
    readonly maxOpenConnections: number
  }
  readonly clickFlusher: {
    readonly intervalMs: number
    /** Rows per INSERT. */
    readonly batchRows: number
  }
  readonly journal: {
    readonly sync: JournalSync
    /** What waits for Postgres may take this much, in memory and on disk. */
    readonly maxBytes: number
    /** How long files of stored clicks are kept, for a database that goes back in time. */
    readonly keepMs: number
  }
  readonly retention: Retention
  readonly access: {
    /** A key with every scope, beside those in Postgres. A secret. */
    readonly adminKey: string | null
    /** Whether /health, /metrics and /fleet need no key. */
    readonly isHealthPublic: boolean
    /** Origins whose pages may read /stats. */
    readonly corsOrigins: readonly string[]
  }
  readonly banners: {
    /** Whether clicks of banners that nobody registered count. */
    readonly areUnknownCounted: boolean
    /** Where clicks go whose banner has no target or is not active: as `normalTarget` returns it. null: nowhere. */
    readonly fallbackUrl: string | null
  }
  readonly classes: {
    /** Whether bots' clicks are told from people's. */
    readonly areBotsClassed: boolean
    /** Absolute path of a file of further User-Agent patterns. null: there is none. */
    readonly botPatternsFile: string | null
    /** Absolute path of a file of addresses and CIDR ranges whose clicks are bots'. null: there is none. */
    readonly botAddressesFile: string | null
    /** How long after a click another one of the same client and banner is a duplicate; 0: none is. */
    readonly duplicateWindowMs: number
  }
  /** Beyond so many, a client's clicks are refused; 0: none are. */
  readonly clientClicksPerMinute: number
  /** For so many days at least, a key of a bulk is known, and the bulk counts no second time. */
  readonly idempotencyKeyDays: number
  /** What the other instances call this one; null: the host's name and the port. */
  readonly instanceName: string | null
  /** Absolute path. */
  readonly dataDir: string
  /** Distinct banners per minute in one half of the ring. */
  readonly maxBanners: number
  readonly logger: {
    readonly level: LogLevel
  }
}

/** For how many days clicks are kept by minute, and by quarter of an hour; 0: for ever. Never quarters for less. */
export interface Retention {
  readonly minutesDays: number
  readonly quartersDays: number
}

export interface DatabaseHost {
  /** Host name, address, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
}

export interface DatabaseServer extends DatabaseHost {
  /** Others that may have the same database, in the order in which they are tried. Without them there is one host. */
  readonly furtherHosts?: readonly DatabaseHost[]
  readonly user: string
  readonly password: string
  readonly name: string
  readonly sslMode: SslMode
  /** PEM file of the authorities to trust, or `system` for those of the operating system. */
  readonly sslRootCert?: string
  /** PEM files of our own certificate and its key; both or none. */
  readonly sslCert?: string
  readonly sslKey?: string
  /** `direct`: TLS from the first byte. */
  readonly sslNegotiation?: 'postgres' | 'direct'
  readonly channelBinding?: 'disable' | 'prefer' | 'require'
  /** A name that operators want to see in pg_stat_activity. */
  readonly applicationName?: string
  readonly connectTimeoutMs?: number
  /** Options for the server at the start of a connection, such as `-c search_path=clicks`. */
  readonly options?: string
}

export const sslModes = [
  'disable',
  'allow',
  'prefer',
  'require',
  'no-verify',
  'verify-ca',
  'verify-full',
] as const
export type SslMode = (typeof sslModes)[number]

export const hotLaneStates = ['on', 'off'] as const

export const unknownBannersFates = ['count', 'refuse'] as const

export const botsFates = ['off', 'class'] as const

export const journalSyncs = ['write', 'fsync'] as const
export type JournalSync = (typeof journalSyncs)[number]

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]
