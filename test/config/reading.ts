import { ConfigError } from '../../lib/base/errors.ts'
import { type ConfigInput, type ConfigReading, readConfig } from '../../lib/config/read.ts'
import { environmentOf, type Settings } from '../support/settings.ts'

/** Reads on a machine with 4 cores, in /srv. */
export function read(settings: Settings, configFileText?: string): ConfigReading {
  return readConfig(inputOf(settings, configFileText))
}

/** The mistakes of an input. It must have some. */
export function mistakesIn(settings: Settings, configFileText?: string): readonly string[] {
  try {
    readConfig(inputOf(settings, configFileText))
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  throw new Error(`No mistake was found in ${JSON.stringify(settings)} and ${JSON.stringify(configFileText)}`)
}

function inputOf(settings: Settings, configFileText?: string): ConfigInput {
  return { env: environmentOf(settings), configFileText, cwd: '/srv', cores: 4 }
}
