import { nearest } from '../base/nearest.ts'
import type { Environment } from './choices.ts'
import { configFileVariable, settingNames, variableOf, variablePrefix } from './settings.ts'

/**
 * Variables of the tests, and those that Kubernetes gives every container when a
 * service is named clickcounter.
 */
const foreign = /^CLICKCOUNTER_(TEST_.*|SERVICE_.*|PORT_.*)$/
/** The form of Kubernetes' CLICKCOUNTER_PORT. With another form, somebody means a setting. */
const address = /^(tcp|udp|sctp):\/\//

const known: readonly string[] = [configFileVariable, ...settingNames.map(variableOf)]

/** Variables with the prefix that are set and mean nothing to the service, sorted. */
export function unknownVariablesIn(env: Environment): string[] {
  const isForeign = (variable: string) =>
    foreign.test(variable) || (variable === `${variablePrefix}PORT` && address.test(env[variable]!))
  return Object.keys(env)
    .filter(
      variable => variable.startsWith(variablePrefix) && env[variable] !== '' && env[variable] !== undefined,
    )
    .filter(variable => !known.includes(variable) && !isForeign(variable))
    .sort()
}

/** "… is not a setting", and which one may be meant, if a letter is wrong or the section is missing. */
export function unknownVariable(variable: string): string {
  const near = nearest(variable, known)
  const ending = variable.slice(variablePrefix.length - 1)
  const meant = near === null ? known.filter(name => name.endsWith(ending)) : [near]
  return `${variable} is not a setting${meant.length === 0 ? '' : ` (${meant.join(' or ')} is)`}`
}
