import {
  type Machine,
  type Setting,
  type SettingName,
  settingNames,
  settings,
  variableOf,
} from './settings.ts'
import { inFile, quote } from './wording.ts'

export type Source = 'default' | 'file' | 'environment'

/** The text that counts for a setting. It is not yet parsed. */
export interface Choice {
  readonly name: SettingName
  /** null: not set, and no default. */
  readonly text: string | null
  readonly source: Source
}

export type Environment = Readonly<Record<string, string | undefined>>

/** One choice for each setting. The environment wins over the file, and the file over the default. */
export function chooseAll(
  env: Environment,
  fileTexts: ReadonlyMap<SettingName, string>,
  cores: number,
): readonly Choice[] {
  const maxOpenConnections = connectionsIn(given('DATABASE_MAX_OPEN_CONNS', env, fileTexts))
  return settingNames.map(name => {
    const choice = given(name, env, fileTexts)
    return choice.text === null
      ? { ...choice, text: fallbackOf(name, { cores, maxOpenConnections }) }
      : choice
  })
}

/** Where a setting was written, for messages. */
export function placeOf({ name, source }: Choice): string {
  if (source === 'file') return inFile(settings[name].path)
  return source === 'environment' ? variableOf(name) : `${variableOf(name)} (the default)`
}

/** A setting's text, in quotes, for messages. Of a secret, only the part that may be shown. */
export function shownText({ name, text }: Choice): string {
  const { hide }: Setting<unknown> = settings[name]
  return quote(hide === undefined ? (text ?? '') : hide(text ?? ''))
}

function given(name: SettingName, env: Environment, fileTexts: ReadonlyMap<SettingName, string>): Choice {
  const text = env[variableOf(name)]
  // Shells and compose files cannot easily unset a variable, so an empty one means "not set".
  if (text !== undefined && text !== '') return { name, text, source: 'environment' }
  const fileText = fileTexts.get(name)
  if (fileText !== undefined) return { name, text: fileText, source: 'file' }
  return { name, text: null, source: 'default' }
}

function fallbackOf(name: SettingName, machine: Machine): string | null {
  const { fallback }: Setting<unknown> = settings[name]
  return typeof fallback === 'function' ? fallback(machine) : fallback
}

/** A wrong number of connections stops the start anyway, so it limits nothing here. */
function connectionsIn({ text }: Choice): number {
  const { fallback, parse } = settings.DATABASE_MAX_OPEN_CONNS
  const parsed = parse(text ?? fallback)
  return 'value' in parsed ? parsed.value : Number.POSITIVE_INFINITY
}
