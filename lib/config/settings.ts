import { addressRanges } from './address-ranges.ts'
import { botsFates, hotLaneStates, journalSyncs, logLevels, sslModes, unknownBannersFates } from './config.ts'
import { databaseHosts, databasePorts } from './database-hosts.ts'
import { databaseDefaults, databaseUrl, hidePassword } from './database-url.ts'
import {
  type Domain,
  decimalNumber,
  identifier,
  instanceName,
  listenHost,
  oneOf,
  password,
  path,
  secretKey,
  truth,
  wholeNumber,
} from './domains.ts'
import { origins } from './origins.ts'
import { target } from './target.ts'

export const variablePrefix = 'CLICKCOUNTER_'

/** Names the configuration file. It is no setting itself. */
export const configFileVariable = `${variablePrefix}CONFIG_FILE`

/** What defaults may depend on. */
export interface Machine {
  readonly cores: number
  /** The setting of that name, in force. */
  readonly maxOpenConnections: number
}

/** One setting. Its texts mean the same in the environment and in the file. */
export interface Setting<T> extends Domain<T> {
  /** Keys in the configuration file: section and key, or one key at its top. */
  readonly path: readonly string[]
  /** null: there is no default, and the value is null. */
  readonly fallback: string | null | ((machine: Machine) => string)
  /** Texts of earlier versions, and what is taken instead, with a warning. */
  readonly outdated?: Readonly<Record<string, string>>
  /** For a secret: the part of its text that may be shown. */
  readonly hide?: (text: string) => string
}

const MEBIBYTE = 2 ** 20
/** A century. */
const MAX_DAYS = 36_500
const MAX_THREADS = 64

/** All settings, by the name that follows the prefix in the environment. */
export const settings = {
  SERVER_HOST: { path: ['server', 'host'], fallback: '0.0.0.0', ...listenHost },
  SERVER_PORT: { path: ['server', 'port'], fallback: '8080', ...wholeNumber(0, 65_535) },
  SERVER_THREADS: {
    path: ['server', 'threads'],
    // A default must be no mistake: on a machine with many cores there are connections for the others, too.
    fallback: ({ cores, maxOpenConnections }: Machine) =>
      String(Math.max(1, Math.min(cores - 1, maxOpenConnections - 2, MAX_THREADS))),
    ...wholeNumber(1, MAX_THREADS),
  },
  TRUSTED_PROXIES: { path: ['trusted_proxies'], fallback: null, ...addressRanges },
  DATABASE_URL: { path: ['database', 'url'], fallback: null, hide: hidePassword, ...databaseUrl },
  DATABASE_HOST: { path: ['database', 'host'], fallback: null, ...databaseHosts },
  DATABASE_PORT: { path: ['database', 'port'], fallback: databaseDefaults.port, ...databasePorts },
  DATABASE_USER: { path: ['database', 'user'], fallback: databaseDefaults.user, ...identifier },
  DATABASE_PASSWORD: {
    path: ['database', 'password'],
    fallback: databaseDefaults.password,
    hide: () => '***',
    ...password,
  },
  DATABASE_NAME: { path: ['database', 'name'], fallback: databaseDefaults.name, ...identifier },
  DATABASE_SSLMODE: { path: ['database', 'sslmode'], fallback: databaseDefaults.sslMode, ...oneOf(sslModes) },
  DATABASE_MAX_OPEN_CONNS: {
    path: ['database', 'max_open_conns'],
    fallback: '20',
    ...wholeNumber(1, 10_000),
  },
  CLICK_FLUSHER_INTERVAL: {
    path: ['click_flusher', 'interval'],
    fallback: '2',
    ...decimalNumber(0.05, 60, 'seconds'),
  },
  CLICK_FLUSHER_BATCH_SIZE: {
    path: ['click_flusher', 'batch_size'],
    fallback: '2000',
    ...wholeNumber(1, 100_000, 'rows'),
  },
  JOURNAL_SYNC: {
    path: ['journal', 'sync'],
    fallback: 'write',
    // In 1.0.0, off meant no journal.
    outdated: { off: 'write' },
    ...oneOf(journalSyncs),
  },
  JOURNAL_MAX_BYTES: {
    path: ['journal', 'max_bytes'],
    fallback: String(1024 * MEBIBYTE),
    ...wholeNumber(MEBIBYTE, Number.MAX_SAFE_INTEGER, 'bytes'),
  },
  JOURNAL_KEEP_SECONDS: {
    path: ['journal', 'keep_seconds'],
    fallback: '120',
    ...wholeNumber(0, 86_400, 'seconds'),
  },
  RETENTION_MINUTES_DAYS: {
    path: ['retention', 'minutes_days'],
    fallback: '0',
    ...wholeNumber(0, MAX_DAYS, 'days'),
  },
  RETENTION_QUARTERS_DAYS: {
    path: ['retention', 'quarters_days'],
    fallback: '0',
    ...wholeNumber(0, MAX_DAYS, 'days'),
  },
  HEALTH_IS_PUBLIC: { path: ['health_is_public'], fallback: 'true', ...truth },
  CORS_ORIGINS: { path: ['cors_origins'], fallback: null, ...origins },
  ADMIN_KEY: { path: ['admin_key'], fallback: null, hide: () => '***', ...secretKey },
  HOT_LANE: { path: ['hot_lane'], fallback: 'on', ...oneOf(hotLaneStates) },
  DRAIN_SECONDS: { path: ['drain_seconds'], fallback: '0', ...decimalNumber(0, 3600, 'seconds') },
  INSTANCE_NAME: { path: ['instance_name'], fallback: null, ...instanceName },
  DATA_DIR: { path: ['data_dir'], fallback: './data', ...path },
  MAX_BANNERS: { path: ['max_banners'], fallback: '131072', ...wholeNumber(1, 4_194_304) },
  UNKNOWN_BANNERS: { path: ['unknown_banners'], fallback: 'count', ...oneOf(unknownBannersFates) },
  CLICK_FALLBACK_URL: { path: ['click_fallback_url'], fallback: null, ...target },
  BOTS: { path: ['bots'], fallback: 'off', ...oneOf(botsFates) },
  BOT_PATTERNS_FILE: { path: ['bot_patterns_file'], fallback: null, ...path },
  BOT_ADDRESSES_FILE: { path: ['bot_addresses_file'], fallback: null, ...path },
  DUPLICATE_WINDOW: { path: ['duplicate_window'], fallback: '0', ...wholeNumber(0, 60, 'seconds') },
  CLIENT_CLICKS_PER_MINUTE: {
    path: ['client_clicks_per_minute'],
    fallback: '0',
    // A click moves a client on by 1/256 ms at least (lib/clients/click-limits.ts), and a minute has so many of these.
    ...wholeNumber(0, 15_360_000),
  },
  IDEMPOTENCY_KEY_DAYS: { path: ['idempotency_key_days'], fallback: '7', ...wholeNumber(1, 365, 'days') },
  LOGGER_LEVEL: { path: ['logger', 'level'], fallback: 'info', ...oneOf(logLevels) },
} satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof settings
export const settingNames = Object.keys(settings) as SettingName[]

type ValueOf<S> = S extends Domain<infer T> ? (S extends { fallback: null } ? T | null : T) : never

/** The parsed value of every setting. */
export type Values = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> }

export function variableOf(name: SettingName): string {
  return variablePrefix + name
}

/** Parts of `DATABASE_URL` that have settings of their own. */
export const databaseParts = [
  'DATABASE_HOST',
  'DATABASE_PORT',
  'DATABASE_USER',
  'DATABASE_PASSWORD',
  'DATABASE_NAME',
  'DATABASE_SSLMODE',
] as const satisfies SettingName[]
