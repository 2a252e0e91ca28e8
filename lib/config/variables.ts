import type { Environment } from './choices.ts'
import { configFileVariable, settingNames, variableOf, variablePrefix } from './settings.ts'

/**
 * Variables for the tests, and those that Kubernetes puts into every container beside a service named
 * clickcounter: CLICKCOUNTER_PORT=tcp://…, CLICKCOUNTER_PORT_80_TCP, CLICKCOUNTER_SERVICE_HOST, …
 */
const foreign = /^CLICKCOUNTER_(TEST_.*|SERVICE_.*|PORT|PORT_.*)$/

/** The set variables with the prefix that mean nothing to the service, sorted. */
export function unknownVariablesIn(env: Environment): string[] {
  const known = new Set([configFileVariable, ...settingNames.map(variableOf)])
  return Object.keys(env)
    .filter(
      variable => variable.startsWith(variablePrefix) && env[variable] !== '' && env[variable] !== undefined,
    )
    .filter(variable => !known.has(variable) && !foreign.test(variable))
    .sort()
}
