import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { hashOfKey, makeKeyText } from '../../lib/access/key-text.ts'
import type { Key } from '../../lib/access/snapshot.ts'
import { expectWantedKey, type WantedKey } from '../../lib/access/wanted-key.ts'
import { ClickCounterError } from '../../lib/base/errors.ts'
import type { Change } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { changeAccess } from './change-access.ts'

/** Keys that are not revoked, also the expired ones. Each request thread holds them all. */
export const MAX_KEYS = 1000
export const MAX_OVERLAP_MS = 366 * 86_400_000
/** How long a revoked key is still listed. */
const LISTED_DAYS = 90

/** A day in UTC, such as 2026-11-27. */
type Day = string

export interface ListedKey extends Key {
  /** Milliseconds since the epoch, as the other times. */
  readonly createdAtMs: number
  /** The name of the key that made it, or `shell`. */
  readonly createdBy: string
  /** null: it is not revoked. */
  readonly revokedAtMs: number | null
  /** The id of the key that a rotation put in its place. */
  readonly replacedBy: string | null
  /** null: never. */
  readonly lastUsedOn: Day | null
}

export interface NewKey extends WantedKey {
  readonly createdBy: string
}

/** A key that was just made. Its text is kept nowhere: whoever gets this is the last one to see it. */
export interface MadeKey {
  readonly key: Key
  readonly text: string
}

export interface Rotation {
  /** How long the old key stays in force. */
  readonly overlapMs: number
  /** When the new key expires; null: never. Left out: when the old one would have. */
  readonly expiresAtMs?: number | null | undefined
  readonly createdBy: string
}

export interface Revocation {
  /** Whether none may be left: then nobody needs a key to count and to read. */
  readonly mayBeLast: boolean
}

export interface RevokedKey {
  readonly key: Key
  /** Whether none is left. */
  readonly isLast: boolean
}

/** Throws a ClickCounterError: KEY_INVALID, or KEYS_TOO_MANY when there are MAX_KEYS. */
export async function createKey(client: pg.ClientBase, wanted: NewKey): Promise<MadeKey> {
  expectWantedKey(wanted, Date.now())
  return await changeAccess(client, async () => {
    await retireReplaced(client)
    return changed(await addKey(client, wanted, await listKeys(client)))
  })
}

/** All keys that are not revoked, and those that were revoked in the last 90 days; the newest last. */
export async function listKeys(client: pg.ClientBase): Promise<ListedKey[]> {
  return (await client.query<ListedKey>(statements.listKeys, [LISTED_DAYS])).rows
}

/** The id of the key with this text. Throws a ClickCounterError (KEY_UNKNOWN). */
export async function idOfKey(client: pg.ClientBase, text: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(statements.keyWithHash, [hashOfKey(text)])
  if (rows.length === 1) return rows[0]!.id
  throw new ClickCounterError('KEY_UNKNOWN', 'there is no key with this text')
}

/**
 * Does nothing when the key is revoked already. Throws a ClickCounterError: KEY_UNKNOWN, or KEY_LAST when none would be
 * left and `mayBeLast` is false.
 */
export async function revokeKey(
  client: pg.ClientBase,
  id: string,
  { mayBeLast }: Revocation = { mayBeLast: true },
): Promise<RevokedKey> {
  return await changeAccess(client, async () => {
    const retired = await retireReplaced(client)
    const key = withId(await listKeys(client), id)
    const { rowCount } = await client.query(statements.revokeKey, [id])
    const isLast = !(await listKeys(client)).some(isNotRevoked)
    const isChanged = retired + rowCount! > 0
    if (isLast && isChanged && !mayBeLast)
      throw new ClickCounterError(
        'KEY_LAST',
        'it is the last key, and without one everybody may count and read: revoke it with a key that has the scopes ' +
          'count and read, or with "npm run keys -- revoke"',
      )
    return { result: { key, isLast }, isChanged }
  })
}

/**
 * Makes a key with the same name and scopes. The old one stays in force for a while, so that its users can change
 * over. Throws a ClickCounterError: KEY_UNKNOWN; KEY_OVER when the old one is revoked, has expired, or was rotated
 * before; KEY_INVALID when the overlap is no time up to a year, or the new key would have expired already;
 * KEYS_TOO_MANY.
 */
export async function rotateKey(
  client: pg.ClientBase,
  id: string,
  { overlapMs, expiresAtMs, createdBy }: Rotation,
): Promise<MadeKey> {
  if (!(overlapMs >= 0 && overlapMs <= MAX_OVERLAP_MS))
    throw new ClickCounterError('KEY_INVALID', 'the old key stays in force for 0 to 366 days')
  return await changeAccess(client, async () => {
    await retireReplaced(client)
    const keys = await listKeys(client)
    const old = withId(keys, id)
    expectRotatable(old)
    const { name, scopes } = old
    const wanted = { name, scopes, expiresAtMs: expiresAtMs === undefined ? old.expiresAtMs : expiresAtMs }
    expectWantedKey(wanted, Date.now())
    const made = await addKey(client, { ...wanted, createdBy }, keys)
    await client.query(statements.replaceKey, [id, made.key.id, overlapMs])
    return changed(made)
  })
}

/** Records on which day keys were used. Ids of keys that are not in the table are passed over. */
export async function noteUse(client: pg.ClientBase, days: ReadonlyMap<string, Day>): Promise<void> {
  await changeAccess(client, async () => {
    await client.query(statements.noteUse, [[...days.keys()], [...days.values()]])
    return { result: undefined, isChanged: false }
  })
}

function changed<Result>(result: Result): Change<Result> {
  return { result, isChanged: true }
}

async function addKey(
  client: pg.ClientBase,
  { name, scopes, expiresAtMs, createdBy }: NewKey,
  present: readonly ListedKey[],
): Promise<MadeKey> {
  if (present.filter(isNotRevoked).length >= MAX_KEYS)
    throw new ClickCounterError(
      'KEYS_TOO_MANY',
      `there are ${MAX_KEYS} keys, and more are not taken: revoke some, expired ones count as well`,
    )
  const [id, text] = [randomUUID(), makeKeyText()]
  await client.query(statements.addKey, [id, name, hashOfKey(text), scopes, createdBy, expiresAtMs])
  return { key: { id, name, scopes, expiresAtMs }, text }
}

/** How many keys are over by this. */
async function retireReplaced(client: pg.ClientBase): Promise<number> {
  return (await client.query(statements.retireReplacedKeys)).rowCount!
}

function isNotRevoked({ revokedAtMs }: ListedKey): boolean {
  return revokedAtMs === null
}

/** The error does not repeat the id: somebody may have written the text of a key there. */
function withId(keys: readonly ListedKey[], id: string): ListedKey {
  const key = keys.find(key => key.id === id)
  if (key !== undefined) return key
  throw new ClickCounterError('KEY_UNKNOWN', 'there is no key with this id: look it up in the list of keys')
}

function expectRotatable({ id, expiresAtMs, revokedAtMs, replacedBy }: ListedKey): void {
  if (replacedBy !== null) throw over(id, `was rotated already: rotate ${replacedBy}, which took its place`)
  if (revokedAtMs !== null) throw over(id, 'is revoked: make a new one')
  if (expiresAtMs !== null && expiresAtMs <= Date.now()) throw over(id, 'has expired: make a new one')
}

function over(id: string, why: string): ClickCounterError {
  return new ClickCounterError('KEY_OVER', `the key ${id} ${why}`)
}
