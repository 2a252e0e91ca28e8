import { resolve } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import { type Choice, chooseAll, type Environment, placeOf, type Source, shownText } from './choices.ts'
import type { Config, DatabaseServer } from './config.ts'
import { databasePlace } from './database-hosts.ts'
import { readFileSettings } from './file.ts'
import { crossMistakes } from './rules.ts'
import {
  databaseParts,
  type Setting,
  type SettingName,
  settings,
  type Values,
  variableOf,
} from './settings.ts'
import { unknownVariable, unknownVariablesIn } from './variables.ts'
import { quote } from './wording.ts'

export interface ConfigInput {
  readonly env: Environment
  /** The YAML of the configuration file, if there is one. */
  readonly configFileText?: string | undefined
  /** Absolute. A relative data directory starts here, also one from the configuration file. */
  readonly cwd: string
  /** Processor cores that the process may use. */
  readonly cores: number
}

export interface ConfigReading {
  readonly config: Config
  /** One for each setting, in the order of the table. */
  readonly origins: readonly Origin[]
  /**
   * Variables with the prefix that mean nothing, sorted. They are probably typing
   * errors, and worth a warning.
   */
  readonly unknownVariables: readonly string[]
  /** A sentence for each value that only an earlier version knew, and for each that is ignored in part. */
  readonly warnings: readonly string[]
}

/** Where the value in force of one setting came from. */
export interface Origin {
  readonly variable: string
  /** Secrets are hidden, so that it may be shown. null: not set, or not used with this database. */
  readonly value: string | null
  readonly source: Source
}

/**
 * The configuration from environment, file and defaults, in this order of precedence. Pure; the result is
 * deep frozen. Throws a ConfigError with one line for each mistake. No line shows a secret.
 */
export function readConfig({ env, configFileText, cwd, cores }: ConfigInput): ConfigReading {
  const file = readFileSettings(configFileText ?? '')
  const modern = modernized(chooseAll(env, file.texts, cores))
  const { choices } = modern
  const { values, wrong, warnings } = parseAll(choices)
  const isFileWrong = file.mistakes.length > 0
  const mistakes = [...file.mistakes, ...wrong, ...crossMistakes(choices, values, isFileWrong)]
  const unknownVariables = unknownVariablesIn(env)
  // Unknown variables are named as well: a mistyped name may be why another setting is wrong.
  if (mistakes.length > 0) throw new ConfigError([...mistakes, ...unknownVariables.map(unknownVariable)])
  // Nothing was wrong, so nothing is missing.
  const config = configOf(values as Values, cwd)
  const origins = choices.map(choice => originOf(choice, config, values))
  return deepFreeze({
    config,
    origins,
    unknownVariables,
    warnings: [...modern.warnings, ...warnings],
  })
}

/** Replaces each text that only an earlier version knew by what is taken today. */
function modernized(chosen: readonly Choice[]): { choices: readonly Choice[]; warnings: string[] } {
  const warnings: string[] = []
  const choices = chosen.map(choice => {
    const { outdated }: Setting<unknown> = settings[choice.name]
    if (choice.text === null || outdated === undefined || !Object.hasOwn(outdated, choice.text)) return choice
    const text = outdated[choice.text]!
    warnings.push(
      `${placeOf(choice)} is ${shownText(choice)}, which is no longer a choice; ${quote(text)} is taken instead`,
    )
    return { ...choice, text }
  })
  return { choices, warnings }
}

function parseAll(choices: readonly Choice[]): {
  values: Partial<Values>
  wrong: string[]
  warnings: string[]
} {
  const values: Partial<Record<SettingName, unknown>> = {}
  const wrong: string[] = []
  const warnings: string[] = []
  for (const choice of choices) {
    const { parse, allowed }: Setting<unknown> = settings[choice.name]
    const parsed = choice.text === null ? { value: null } : parse(choice.text)
    if ('value' in parsed) values[choice.name] = parsed.value
    if ('warning' in parsed) warnings.push(`${placeOf(choice)} is ${shownText(choice)}, ${parsed.warning}`)
    if ('wrong' in parsed)
      wrong.push(`${placeOf(choice)} is ${shownText(choice)}, ${parsed.wrong}; allowed is ${allowed}`)
  }
  // Each value comes from the parser of its own setting, which the types of a loop cannot express.
  return { values: values as Partial<Values>, wrong, warnings }
}

function configOf(values: Values, cwd: string): Config {
  return {
    server: {
      host: values.SERVER_HOST,
      port: values.SERVER_PORT,
      threads: values.SERVER_THREADS,
      isHotLaneOn: values.HOT_LANE === 'on',
      drainMs: Math.round(values.DRAIN_SECONDS * 1000),
      trustedProxies: values.TRUSTED_PROXIES ?? [],
    },
    database: { server: databaseServerOf(values), maxOpenConnections: values.DATABASE_MAX_OPEN_CONNS },
    clickFlusher: {
      intervalMs: Math.round(values.CLICK_FLUSHER_INTERVAL * 1000),
      batchRows: values.CLICK_FLUSHER_BATCH_SIZE,
    },
    journal: {
      sync: values.JOURNAL_SYNC,
      maxBytes: values.JOURNAL_MAX_BYTES,
      keepMs: values.JOURNAL_KEEP_SECONDS * 1000,
    },
    retention: {
      minutesDays: values.RETENTION_MINUTES_DAYS,
      quartersDays: values.RETENTION_QUARTERS_DAYS,
    },
    access: {
      adminKey: values.ADMIN_KEY,
      isHealthPublic: values.HEALTH_IS_PUBLIC,
      corsOrigins: values.CORS_ORIGINS ?? [],
    },
    banners: {
      areUnknownCounted: values.UNKNOWN_BANNERS === 'count',
      fallbackUrl: values.CLICK_FALLBACK_URL,
    },
    classes: {
      areBotsClassed: values.BOTS === 'class',
      botPatternsFile: absolute(values.BOT_PATTERNS_FILE, cwd),
      botAddressesFile: absolute(values.BOT_ADDRESSES_FILE, cwd),
      duplicateWindowMs: values.DUPLICATE_WINDOW * 1000,
    },
    clientClicksPerMinute: values.CLIENT_CLICKS_PER_MINUTE,
    idempotencyKeyDays: values.IDEMPOTENCY_KEY_DAYS,
    instanceName: values.INSTANCE_NAME,
    dataDir: resolve(cwd, values.DATA_DIR),
    maxBanners: values.MAX_BANNERS,
    logger: { level: values.LOGGER_LEVEL },
  }
}

function absolute(file: string | null, cwd: string): string | null {
  return file === null ? null : resolve(cwd, file)
}

function databaseServerOf(values: Values): DatabaseServer | null {
  if (values.DATABASE_HOST === null) return values.DATABASE_URL
  return {
    ...databasePlace(values.DATABASE_HOST, values.DATABASE_PORT),
    user: values.DATABASE_USER,
    password: values.DATABASE_PASSWORD,
    name: values.DATABASE_NAME,
    sslMode: values.DATABASE_SSLMODE,
  }
}

function originOf(choice: Choice, config: Config, values: Partial<Values>): Origin {
  const { name, text, source } = choice
  const { hide }: Setting<unknown> = settings[name]
  const isUnused = values.DATABASE_HOST === null && databaseParts.some(part => part === name)
  return { variable: variableOf(name), value: isUnused ? null : shown(), source }

  function shown(): string | null {
    if (name === 'DATA_DIR') return config.dataDir
    // That there is no password is no secret, and worth seeing.
    return text === null || text === '' ? null : hide === undefined ? String(values[name]) : hide(text)
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
