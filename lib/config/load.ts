import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { type ConfigReading, readConfig } from './read.ts'
import { configFileVariable } from './settings.ts'
import { quote } from './wording.ts'

export interface LoadedConfig extends ConfigReading {
  /** Absolute path of the configuration file; null without one. */
  readonly file: string | null
}

/** The configuration of this process, from its environment and its configuration file. Throws a ConfigError. */
export function loadConfig(): LoadedConfig {
  const { env } = process
  const cwd = process.cwd()
  const name = env[configFileVariable]
  const file = name === undefined || name === '' ? null : resolve(cwd, name)
  const configFileText = file === null ? undefined : readText(file)
  return { ...readConfig({ env, configFileText, cwd, cores: availableParallelism() }), file }
}

function readText(file: string): string {
  try {
    // Strictly: a password in another encoding would otherwise be changed without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ConfigError([
      `${configFileVariable} is ${quote(file)}, which cannot be read (${code}); allowed is the path of a YAML file in UTF-8`,
    ])
  }
}
