import { ConfigError } from '../../lib/base/errors.ts'
import { type ConfigInput, type ConfigReading, readConfig } from '../../lib/config/read.ts'

/** An environment from `settings`, which have no prefix. */
export function environment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [`CLICKCOUNTER_${name}`, text]))
}

/** Reads on a machine with 4 cores, in /srv. */
export function read(settings: Readonly<Record<string, string>>, configFileText?: string): ConfigReading {
  return readConfig(inputOf(settings, configFileText))
}

/** The mistakes of an input. It must have some. */
export function mistakesIn(
  settings: Readonly<Record<string, string>>,
  configFileText?: string,
): readonly string[] {
  try {
    readConfig(inputOf(settings, configFileText))
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  throw new Error(`No mistake was found in ${JSON.stringify(settings)} and ${JSON.stringify(configFileText)}`)
}

function inputOf(settings: Readonly<Record<string, string>>, configFileText?: string): ConfigInput {
  return { env: environment(settings), configFileText, cwd: '/srv', cores: 4 }
}
