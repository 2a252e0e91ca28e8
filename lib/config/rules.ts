import { type Choice, placeOf, shownText } from './choices.ts'
import { arePaired } from './database-hosts.ts'
import { databaseParts, type SettingName, type Values, variableOf } from './settings.ts'

const url = 'DATABASE_URL'
const host = 'DATABASE_HOST'
const botFiles = ['BOT_PATTERNS_FILE', 'BOT_ADDRESSES_FILE'] as const satisfies SettingName[]

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
  const others = [
    ...portsBesideHosts(choices, values),
    ...tooFewConnections(choices, values),
    ...quartersTooShort(choices, values),
    ...botFilesBesideNothing(choices, values),
  ]
  const givenUrl = given.get(url)
  if (givenUrl !== undefined) return [...parts.map(part => besideUrl(givenUrl, part)), ...others]
  // A mistake in the file may be the host's own key, which has a line already.
  const hostless = given.has(host) || isFileWrong ? [] : parts.map(withoutHost)
  return [...hostless, ...others]
}

function besideUrl(givenUrl: Choice, part: Choice): string {
  return `${placeOf(givenUrl)} is ${shownText(givenUrl)} and ${placeOf(part)} is ${shownText(part)}; allowed is the URL alone or its parts alone`
}

function withoutHost(part: Choice): string {
  return `${placeOf(part)} is ${shownText(part)}, which the embedded Postgres does not use; allowed is only beside ${variableOf(host)}, or as a part of ${variableOf(url)}`
}

function portsBesideHosts(choices: readonly Choice[], values: Partial<Values>): string[] {
  const { DATABASE_HOST: hosts, DATABASE_PORT: ports } = values
  if (!hosts || ports === undefined || arePaired(hosts, ports)) return []
  return [
    `${place('DATABASE_PORT', choices)} is "${ports}" and ${place(host, choices)} is "${hosts}"; allowed is one port for all hosts, or one for each, in their order`,
  ]
}

/** The flush worker needs a connection, also while every request thread uses one. */
function tooFewConnections(choices: readonly Choice[], values: Partial<Values>): string[] {
  const { DATABASE_MAX_OPEN_CONNS: connections, SERVER_THREADS: threads } = values
  if (connections === undefined || threads === undefined || connections > threads) return []
  return [
    `${place('DATABASE_MAX_OPEN_CONNS', choices)} is ${connections} and ${place('SERVER_THREADS', choices)} is ${threads}; allowed is one connection for each thread and one more, at least ${threads + 1}`,
  ]
}

/** Quarters without minutes answer coarse questions; minutes without quarters would answer fine ones alone. */
function quartersTooShort(choices: readonly Choice[], values: Partial<Values>): string[] {
  const { RETENTION_MINUTES_DAYS: minutes, RETENTION_QUARTERS_DAYS: quarters } = values
  if (minutes === undefined || quarters === undefined || quarters === 0) return []
  if (minutes !== 0 && minutes <= quarters) return []
  const kept = minutes === 0 ? '0 (all are kept)' : minutes
  return [
    `${place('RETENTION_QUARTERS_DAYS', choices)} is ${quarters} and ${place('RETENTION_MINUTES_DAYS', choices)} is ${kept}; allowed is to keep quarters for as long as minutes or longer: ${minutes === 0 ? '0' : `0 or at least ${minutes}`}`,
  ]
}

/** Nobody would read the file, and who has brought it would believe that bots are counted apart. */
function botFilesBesideNothing(choices: readonly Choice[], values: Partial<Values>): string[] {
  if (values.BOTS !== 'off') return []
  return botFiles
    .filter(name => values[name] !== null && values[name] !== undefined)
    .map(name => {
      const choice = choices.find(each => each.name === name)!
      return `${placeOf(choice)} is ${shownText(choice)} and ${place('BOTS', choices)} is "off", which reads no such file; allowed is only beside ${variableOf('BOTS')}=class`
    })
}

function place(name: SettingName, choices: readonly Choice[]): string {
  return placeOf(choices.find(each => each.name === name)!)
}
