import http from 'node:http'
import type pg from 'pg'
import { createKey, type MadeKey, revokeKey, rotateKey } from '../../db/access/change-keys.ts'

/** A key that everybody in a test may use, and when it was in force. Times are of performance.now(). */
export interface LivingKey {
  readonly made: MadeKey
  /** When the answer came that it exists. */
  readonly madeAtMs: number
  /** Up to this it must be let in. */
  inForceUntilMs: number
  /** After this it must be refused, but for the time that a change may take. */
  overAtMs: number
}

/** Ends of keys are rounded to milliseconds, by another clock than that of the test. */
const CLOCK_MS = 5

const WANTED = { name: 'a shop', scopes: ['count'], expiresAtMs: null, createdBy: 'shell' } as const

/** Changes keys as somebody elsewhere does, in Postgres alone. */
export class KeyHolder {
  readonly keys: LivingKey[] = []
  readonly #client: pg.Client

  constructor(client: pg.Client) {
    this.#client = client
  }

  get inForce(): LivingKey[] {
    return this.keys.filter(key => key.inForceUntilMs === Number.POSITIVE_INFINITY)
  }

  async create(): Promise<LivingKey> {
    return this.#add(await createKey(this.#client, WANTED))
  }

  async revoke(key: LivingKey): Promise<void> {
    key.inForceUntilMs = performance.now()
    await revokeKey(this.#client, key.made.key.id)
    key.overAtMs = performance.now()
  }

  /** Both are in force until the overlap is over. */
  async rotate(key: LivingKey, overlapMs: number): Promise<LivingKey> {
    key.inForceUntilMs = performance.now() + overlapMs - CLOCK_MS
    const next = this.#add(await rotateKey(this.#client, key.made.key.id, { overlapMs, createdBy: 'shell' }))
    key.overAtMs = performance.now() + overlapMs
    return next
  }

  #add(made: MadeKey): LivingKey {
    const never = Number.POSITIVE_INFINITY
    const key = { made, madeAtMs: performance.now(), inForceUntilMs: never, overAtMs: never }
    this.keys.push(key)
    return key
  }
}

/** Sends a bulk of one click. Resolves with the status of the answer. */
export function sendBulk(url: string, text: string | null, agent?: http.Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = {
    'content-type': 'application/json',
    ...(text === null ? {} : { authorization: `Bearer ${text}` }),
  }
  const request = http.request(`${url}/counter`, { method: 'POST', headers, ...(agent && { agent }) })
  request.once('response', answer => {
    answer.resume().once('end', () => resolve(answer.statusCode!))
  })
  request.once('error', reject)
  request.end('{"clicks":[{"id":1}]}')
  return promise
}
