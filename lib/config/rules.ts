import { type Choice, placeOf, shownText } from './choices.ts'
import { databaseParts, type SettingName, type Values, variableOf } from './settings.ts'

const url = 'DATABASE_URL'
const host = 'DATABASE_HOST'

/**
 * Mistakes that settings make together. `values` has the settings that were right by themselves.
 * `isFileWrong`: keys of the file may be missing from `choices`.
 */
export function crossMistakes(
  choices: readonly Choice[],
  values: Partial<Values>,
  isFileWrong: boolean,
): string[] {
  const given = new Map(choices.filter(each => each.source !== 'default').map(each => [each.name, each]))
  const parts = databaseParts.flatMap(name => given.get(name) ?? [])
  const givenUrl = given.get(url)
  if (givenUrl !== undefined) {
    return [...parts.map(part => besideUrl(givenUrl, part)), ...tooFewConnections(choices, values)]
  }
  // A mistake in the file may be the host's own key, which has a line already.
  const hostless = given.has(host) || isFileWrong ? [] : parts.map(withoutHost)
  return [...hostless, ...tooFewConnections(choices, values)]
}

function besideUrl(givenUrl: Choice, part: Choice): string {
  return `${placeOf(givenUrl)} is ${shownText(givenUrl)} and ${placeOf(part)} is ${shownText(part)}; allowed is the URL alone or its parts alone`
}

function withoutHost(part: Choice): string {
  return `${placeOf(part)} is ${shownText(part)}, which the embedded Postgres does not use; allowed is only beside ${variableOf(host)}, or as a part of ${variableOf(url)}`
}

/** The flush worker needs a connection, also while every request thread uses one. */
function tooFewConnections(choices: readonly Choice[], values: Partial<Values>): string[] {
  const { DATABASE_MAX_OPEN_CONNS: connections, SERVER_THREADS: threads } = values
  if (connections === undefined || threads === undefined || connections > threads) return []
  const place = (name: SettingName) => placeOf(choices.find(each => each.name === name)!)
  return [
    `${place('DATABASE_MAX_OPEN_CONNS')} is ${connections} and ${place('SERVER_THREADS')} is ${threads}; allowed is one connection for each thread and one more, at least ${threads + 1}`,
  ]
}
