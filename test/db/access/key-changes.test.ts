import { expect } from 'chai'
import fc from 'fast-check'
import type pg from 'pg'
import { createKey, listKeys, noteUse, revokeKey, rotateKey } from '../../../db/access/change-keys.ts'
import { endSession } from '../../../db/access/end-session.ts'
import { readAccess, readToken } from '../../../db/access/read-access.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000
const WANTED = { name: 'a shop', scopes: ['count', 'read'], expiresAtMs: null, createdBy: 'shell' } as const

interface ModelKey {
  readonly id: string
  isRevoked: boolean
  hasExpired: boolean
  isReplaced: boolean
}

/** `at`: which of the keys so far. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('create' as const) }),
  fc.record({ kind: fc.constant('revoke' as const), at: fc.nat(), mayBeLast: fc.boolean() }),
  fc.record({ kind: fc.constant('rotate' as const), at: fc.nat(), overlapMs: fc.constantFrom(0, HOUR_MS) }),
  fc.record({ kind: fc.constant('end' as const), session: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ kind: fc.constant('use' as const), at: fc.nat() }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the steps do to the keys, by the rules alone. */
class Model {
  readonly keys: ModelKey[] = []
  readonly sessions = new Set<string>()

  get left(): ModelKey[] {
    return this.keys.filter(({ isRevoked }) => !isRevoked)
  }

  /** Whether it changes something. */
  retire(): boolean {
    const over = this.left.filter(({ isReplaced, hasExpired }) => isReplaced && hasExpired)
    for (const key of over) key.isRevoked = true
    return over.length > 0
  }

  add(id: string): void {
    this.keys.push({ id, isRevoked: false, hasExpired: false, isReplaced: false })
  }
}

describe('changes of keys', () => {
  let database: TestDatabase
  let clients: pg.Client[]
  before(async () => {
    database = await createTestDatabase()
    clients = await Promise.all([1, 2, 3, 4].map(() => connect(database.server, 'clickcounter test')))
  })
  after(async () => {
    clients.forEach(discard)
    await database.drop()
  })
  const clear = () => clients[0]!.query('TRUNCATE access_keys, ended_sessions')

  it('do what the rules say, in any order, and change the token when something has changed, and then alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        await clear()
        const model = new Model()
        let { token } = await readToken(clients[0]!)
        for (const [number, each] of steps.entries()) {
          const isChanged = await take(each, model, clients[number % 2]!)
          const access = await readAccess(clients[2]!)
          expect(access.keys.map(({ id }) => id)).to.deep.equal(model.left.map(({ id }) => id))
          expect(new Set(access.endedSessions.map(({ id }) => id))).to.deep.equal(model.sessions)
          expect(access.token !== token, `${each.kind} gives another token`).to.equal(isChanged)
          token = access.token
        }
      }),
      { numRuns: 15 },
    )
  }).timeout(30_000)

  it('at once are all there in the end, and whoever sees one token sees one state', async () => {
    await clear()
    const seen = new Map<string, string>()
    let isDone = false
    const watching = (async () => {
      while (!isDone) {
        const access = await readAccess(clients[3]!)
        const state = JSON.stringify(access)
        expect(seen.get(access.token) ?? state).to.equal(state)
        seen.set(access.token, state)
      }
    })()
    const made: string[] = []
    const revoked = new Set<string>()
    const change = async (client: pg.Client, turn: number) => {
      const id = made.at(turn % 3)
      if (turn % 5 < 2 || id === undefined) made.push((await createKey(client, WANTED)).key.id)
      else if (turn % 5 === 2) revoked.add((await revokeKey(client, id)).key.id)
      else
        await rotateKey(client, id, { overlapMs: HOUR_MS, createdBy: 'shell' }).then(
          ({ key }) => made.push(key.id),
          error => expect(error.code).to.equal('KEY_OVER'),
        )
    }
    await Promise.all(
      clients.slice(0, 3).map(async client => {
        for (let turn = 0; turn < 40; turn++) await change(client, turn)
      }),
    )
    isDone = true
    await watching
    const { keys } = await readAccess(clients[0]!)
    expect(keys.map(({ id }) => id)).to.have.members(made.filter(id => !revoked.has(id)))
    expect(revoked.size).to.be.above(1)
    expect(seen.size).to.be.above(10)
  }).timeout(30_000)

  it('that revoke and rotate one key at once leave either its successor or nothing', async () => {
    for (let round = 0; round < 10; round++) {
      await clear()
      const { key } = await createKey(clients[0]!, WANTED)
      const rotation = { overlapMs: HOUR_MS, createdBy: 'shell' }
      const [rotated] = await Promise.allSettled([
        rotateKey(clients[round % 2]!, key.id, rotation),
        revokeKey(clients[1 - (round % 2)]!, key.id),
      ])
      const left = (await readAccess(clients[0]!)).keys.map(({ id }) => id)
      expect(left).to.deep.equal(rotated.status === 'fulfilled' ? [rotated.value.key.id] : [])
      expect((await listKeys(clients[0]!))[0]!.revokedAtMs).not.to.equal(null)
    }
  })
})

/** Takes the step in the database and in the model. Resolves with whether instances have to see a change. */
async function take(each: Step, model: Model, client: pg.Client): Promise<boolean> {
  if (each.kind === 'end') {
    await endSession(client, { id: each.session, endsAtMs: Date.now() + HOUR_MS })
    const isNew = !model.sessions.has(each.session)
    model.sessions.add(each.session)
    return isNew
  }
  if (each.kind === 'create') {
    model.retire()
    model.add((await createKey(client, WANTED)).key.id)
    return true
  }
  const key = model.keys[each.at % (model.keys.length || 1)]
  if (key === undefined) return false
  if (each.kind === 'use') {
    await noteUse(client, new Map([[key.id, '2026-11-27']]))
    return false
  }
  return each.kind === 'revoke'
    ? await revoke(key, each.mayBeLast, model, client)
    : await rotate(key, each.overlapMs, model, client)
}

async function revoke(key: ModelKey, mayBeLast: boolean, model: Model, client: pg.Client): Promise<boolean> {
  const others = model.left.filter(other => other !== key && !(other.isReplaced && other.hasExpired))
  const isChanging = !key.isRevoked || model.left.length > others.length
  const outcome = await revokeKey(client, key.id, { mayBeLast }).catch(error => error.code)
  if (others.length === 0 && isChanging && !mayBeLast) {
    expect(outcome).to.equal('KEY_LAST')
    return false
  }
  expect(outcome.isLast).to.equal(others.length === 0)
  model.retire()
  key.isRevoked = true
  return isChanging
}

async function rotate(key: ModelKey, overlapMs: number, model: Model, client: pg.Client): Promise<boolean> {
  const outcome = await rotateKey(client, key.id, { overlapMs, createdBy: 'shell' }).catch(
    error => error.code,
  )
  if (key.isRevoked || key.isReplaced) {
    expect(outcome).to.equal('KEY_OVER')
    return false
  }
  model.retire()
  key.isReplaced = true
  key.hasExpired = overlapMs === 0
  model.add(outcome.key.id)
  return true
}
