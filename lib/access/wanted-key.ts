import { ClickCounterError } from '../base/errors.ts'
import { didYouMean } from '../base/nearest.ts'
import { isPlainLine, PLAIN_LINE_RULE } from '../base/plain-line.ts'
import { quote } from '../config/wording.ts'
import { SCOPES, type Scope } from './scopes.ts'
import type { Key } from './snapshot.ts'

/** Characters of a key's name, at most. */
export const MAX_NAME_LENGTH = 100
/** The year 10000 has more digits than ISO 8601 gives a year. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** What its maker says of a key that is to be made. */
export type WantedKey = Omit<Key, 'id'>

/** Throws a ClickCounterError (KEY_INVALID) that says what is wrong and what would be right. */
export function expectWantedKey({ name, scopes, expiresAtMs }: WantedKey, nowMs: number): void {
  if (!isPlainLine(name, MAX_NAME_LENGTH))
    throw invalid(`a key's name has 1 to ${MAX_NAME_LENGTH} characters, ${PLAIN_LINE_RULE}`)
  if (scopes.length === 0) throw invalid(`a key needs a scope: ${SCOPES.join(', ')}`)
  for (const scope of scopes) expectScope(scope)
  if (new Set(scopes).size < scopes.length) throw invalid('a scope is named twice')
  if (expiresAtMs === null) return
  if (!(expiresAtMs > nowMs)) throw invalid('the key would have expired already: name a time that is to come')
  if (expiresAtMs > LAST_MS) throw invalid('a key expires before the year 10000, or never')
}

function expectScope(scope: Scope): void {
  if (SCOPES.includes(scope)) return
  throw invalid(`${quote(scope)} is no scope${didYouMean(scope, SCOPES)}: they are ${SCOPES.join(', ')}`)
}

function invalid(message: string): ClickCounterError {
  return new ClickCounterError('KEY_INVALID', message)
}
