import type { Request, ResponseToolkit } from '@hapi/hapi'
import type { MadeKey, Rotation } from '../../../../db/access/change-keys.ts'
import type { KeyStore } from '../../../../db/access/key-store.ts'
import type { Scope } from '../../../access/scopes.ts'
import type { Key } from '../../../access/snapshot.ts'
import type { ThreadAccess } from '../../../access/thread-access.ts'
import type { Admission } from '../../access/admission.ts'
import { missingScope } from '../../access/refusals.ts'
import { readBody, unreadAnything } from '../body.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { orRefusal, type Refusals } from '../or-refusal.ts'
import { readValid } from '../valid-body.ts'
import {
  DAY_SECONDS,
  keyBody,
  listedKeyBody,
  type RotationBody,
  rotationSchema,
  wantedKeySchema,
} from './key-bodies.ts'
import { createKey, KEYS_UNAVAILABLE, listKeys, revokeKey, rotateKey } from './keys-operations.ts'

const MAX_BODY_BYTES = 4096
const REFUSALS: Refusals = {
  status: { KEY_INVALID: 400, KEY_LAST: 403, KEY_UNKNOWN: 404, KEY_OVER: 409, KEYS_TOO_MANY: 409 },
  unavailable: KEYS_UNAVAILABLE,
}

export interface KeyRoutesOptions {
  readonly access: ThreadAccess
  readonly admission: Pick<Admission, 'admit' | 'find'>
  readonly keys: KeyStore
}

/** /keys: listing, making, revoking and rotating keys. Nobody can give a scope that his own key has not. */
export function keyRoutes({ access, admission, keys }: KeyRoutesOptions): Route[] {
  /** Resolves when the change is in force in all threads of this instance. Rejects with an answer. */
  const change = async <Result>(request: Request, work: Promise<Result>): Promise<Result> => {
    const result = await orRefusal(request, work, REFUSALS)
    // After the change, which it has main read: the caller's next request must find it.
    await access.refresh('change')
    return result
  }
  return [
    {
      method: 'GET',
      path: '/keys',
      options: { plugins: { operation: listKeys } },
      handler: async (request, h) => {
        const listed = await orRefusal(request, keys.list(), REFUSALS)
        return h.response({ keys: listed.map(listedKeyBody) }).header('cache-control', 'no-store')
      },
    },
    {
      method: 'POST',
      path: '/keys',
      options: { payload: unreadJson('application/json'), plugins: { operation: createKey } },
      handler: async (request, h) => {
        const { name, scopes, expiresAt } = await readValid(request, wantedKeySchema, CREATE_BODY)
        const createdBy = giverOf(await callerOf(request, admission), scopes)
        const wanted = { name, scopes, expiresAtMs: expiresAt?.getTime() ?? null, createdBy }
        return made(h, await change(request, keys.create(wanted)))
      },
    },
    {
      method: 'DELETE',
      path: '/keys/{id}',
      options: { payload: unreadAnything, plugins: { operation: revokeKey } },
      handler: async (request, h) => {
        if (request.payload) await readBody(request, MAX_BODY_BYTES)
        // It may open the service, which gives these scopes to everybody.
        const mayBeLast = missingOf(await callerOf(request, admission), ['count', 'read']) === undefined
        const revoked = keys.revoke(request.params.id as string, { mayBeLast })
        const { key, isLast } = await change(request, revoked)
        const open = isLast && access.keyring.isOpen
        return h.response({ key: keyBody(key), open }).header('cache-control', 'no-store')
      },
    },
    {
      method: 'POST',
      path: '/keys/{id}/rotate',
      options: { payload: unreadJson('application/json'), plugins: { operation: rotateKey } },
      handler: async (request, h) => {
        const body = await readValid(request, rotationSchema, ROTATE_BODY)
        const id = request.params.id as string
        const caller = await callerOf(request, admission)
        // A key's scopes never change, so they may be read in a transaction of their own.
        const old = (await orRefusal(request, keys.list(), REFUSALS)).find(key => key.id === id)
        const createdBy = giverOf(caller, old?.scopes ?? [])
        return made(h, await change(request, keys.rotate(id, { ...rotationOf(body), createdBy })))
      },
    },
  ]
}

const CREATE_BODY = { maxBytes: MAX_BODY_BYTES, example: '{"name":"newsroom","scopes":["read"]}' }
const ROTATE_BODY = { maxBytes: MAX_BODY_BYTES, example: '{"overlapSeconds":86400}' }

function rotationOf({ overlapSeconds = DAY_SECONDS, expiresAt }: RotationBody): Omit<Rotation, 'createdBy'> {
  return { overlapMs: overlapSeconds * 1000, expiresAtMs: expiresAt === null ? null : expiresAt?.getTime() }
}

/**
 * The caller's key. To be asked for after the body is read: it may come seconds after the head, and with a key that is
 * over by then nobody may make another one. Rejects with the answer.
 */
async function callerOf(request: Request, admission: Pick<Admission, 'admit'>): Promise<Key> {
  // Not null: the scope operate is never open.
  return (await admission.admit(request, 'operate'))!
}

/** The name of the caller's key. Throws 403 when it has not all of the scopes. */
function giverOf(caller: Key, scopes: readonly Scope[]): string {
  const missing = missingOf(caller, scopes)
  if (missing !== undefined) throw missingScope(missing)
  return caller.name
}

/** The first of the scopes that the caller's key has not. */
function missingOf(caller: Key, scopes: readonly Scope[]): Scope | undefined {
  return scopes.find(scope => !caller.scopes.includes(scope))
}

function made(h: ResponseToolkit, { key, text }: MadeKey) {
  return h
    .response({ text, key: keyBody(key) })
    .code(201)
    .header('cache-control', 'no-store')
}
