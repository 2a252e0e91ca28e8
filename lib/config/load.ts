import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { ConfigError } from '../base/errors.ts'
import type { DatabaseServer } from './config.ts'
import { type ConfigReading, readConfig } from './read.ts'
import { configFileVariable, variableOf } from './settings.ts'
import { quote } from './wording.ts'

export interface LoadedConfig extends ConfigReading {
  /** Absolute path of the configuration file; null without one. */
  readonly file: string | null
}

/**
 * The configuration of this process, from its environment and its configuration file. Throws a ConfigError.
 */
export function loadConfig(): LoadedConfig {
  const { env } = process
  const cwd = process.cwd()
  const name = env[configFileVariable]
  const file = name === undefined || name === '' ? null : resolve(cwd, name)
  const configFileText = file === null ? undefined : readText(file)
  const reading = readConfig({ env, configFileText, cwd, cores: availableParallelism() })
  if (reading.config.database.server !== null) expectCertificates(reading.config.database.server)
  return { ...reading, file }
}

/** Each connection reads these files again. A path that is wrong now stops the start. */
function expectCertificates({ sslRootCert, sslCert, sslKey }: DatabaseServer): void {
  const files = {
    sslrootcert: sslRootCert === 'system' ? undefined : sslRootCert,
    sslcert: sslCert,
    sslkey: sslKey,
  }
  const mistakes = Object.entries(files).flatMap(([parameter, file]) => {
    const code = file === undefined ? null : readingError(file)
    return code === null
      ? []
      : [
          `${variableOf('DATABASE_URL')} has ${parameter}=${quote(file!)}, which cannot be read (${code}); allowed is the path of a PEM file`,
        ]
  })
  if (mistakes.length > 0) throw new ConfigError(mistakes)
}

function readingError(file: string): string | null {
  try {
    readFileSync(file)
    return null
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

function readText(file: string): string {
  try {
    // Strict: otherwise a password in another encoding would be changed without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    throw new ConfigError([
      `${configFileVariable} is ${quote(file)}, which cannot be read (${codeOf(error)}); allowed is the path of a YAML file in UTF-8`,
    ])
  }
}
