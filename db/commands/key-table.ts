import type { Key } from '../../lib/access/snapshot.ts'
import { formatTime } from '../../lib/questions/time.ts'
import type { ListedKey } from '../access/change-keys.ts'
import { textTable } from './text-table.ts'

const TITLES = ['ID', 'SCOPES', 'STATE', 'LAST USED', 'MADE', 'NAME', 'MADE BY']

/** A line for each key, under a line of titles. Empty when there is none. */
export function describeKeys(keys: readonly ListedKey[], nowMs: number): string {
  return textTable(
    TITLES,
    keys.map(key => cellsOf(key, nowMs)),
  )
}

function cellsOf(key: ListedKey, nowMs: number): string[] {
  const { id, name, scopes, createdAtMs, createdBy, lastUsedOn } = key
  return [id, scopes.join(), stateOf(key, nowMs), lastUsedOn ?? 'never', dayOf(createdAtMs), name, createdBy]
}

function stateOf({ expiresAtMs, revokedAtMs, replacedBy }: ListedKey, nowMs: number): string {
  // A replaced key is revoked as of its expiry, at the next change after it.
  if (revokedAtMs !== null && revokedAtMs !== expiresAtMs) return `revoked ${at(revokedAtMs)}`
  if (expiresAtMs !== null && expiresAtMs <= nowMs) return `expired ${at(expiresAtMs)}`
  const until = expiresAtMs === null ? '' : ` until ${at(expiresAtMs)}`
  return `${replacedBy === null ? 'in force' : 'replaced, in force'}${until}`
}

/** "never expires" or "expires at …", for a sentence about the key. */
export function describeEnd({ expiresAtMs }: Pick<Key, 'expiresAtMs'>): string {
  return expiresAtMs === null ? 'never expires' : `expires at ${at(expiresAtMs)}`
}

/** To the second. */
function at(ms: number): string {
  return formatTime(new Date(Math.trunc(ms / 1000) * 1000))
}

function dayOf(ms: number): string {
  return at(ms).slice(0, 10)
}
