import { expect } from 'chai'
import type pg from 'pg'
import {
  createKey,
  listKeys,
  MAX_KEYS,
  noteUse,
  revokeKey,
  rotateKey,
} from '../../../db/access/change-keys.ts'
import { endSession, MAX_ENDED_SESSIONS } from '../../../db/access/end-session.ts'
import { readAccess, readToken } from '../../../db/access/read-access.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import { hashOfKey, isKeyText } from '../../../lib/access/key-text.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const HOUR_MS = 3_600_000
const NOBODY = '00000000-0000-4000-8000-000000000000'
const WANTED = { name: 'a shop', scopes: ['count', 'read'], expiresAtMs: null, createdBy: 'shell' } as const

describe('keys in Postgres', () => {
  let database: TestDatabase
  let client: pg.Client
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
  })
  after(async () => {
    discard(client)
    await database.drop()
  })
  beforeEach(() => client.query('TRUNCATE access_keys, ended_sessions'))

  const token = async () => (await readToken(client)).token
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'done',
      error => error.code,
    )

  it('are none at first, with a secret for sessions and a token', async () => {
    const access = await readAccess(client)
    const [row] = await database.query<{ id: string }>('SELECT id FROM click_database')
    expect(access).to.include({ database: row!.id, token: await token() })
    expect(access.keys).to.deep.equal([])
    expect(access.endedSessions).to.deep.equal([])
    expect(Buffer.from(access.sessionSecret, 'base64url')).to.have.lengthOf(32)
    expect(access.sessionSecret).to.match(/^[\w-]{43}$/)
  })

  it('are made, with a text that is kept nowhere', async () => {
    const before = await token()
    const expiresAtMs = Date.now() + HOUR_MS
    const { key, text } = await createKey(client, { ...WANTED, expiresAtMs })
    expect(isKeyText(text)).to.equal(true)
    expect(await token()).not.to.equal(before)
    expect((await readAccess(client)).keys).to.deep.equal([
      { id: key.id, name: 'a shop', scopes: ['count', 'read'], expiresAtMs, hash: hashOfKey(text) },
    ])
    const everything = await database.query('SELECT access_keys::text AS row FROM access_keys')
    expect(JSON.stringify(everything)).to.contain(key.id).and.not.to.contain(text.slice(4))
  })

  it('are listed with when and by whom they were made, and the day of their last use', async () => {
    const { key } = await createKey(client, WANTED)
    const before = await token()
    await noteUse(
      client,
      new Map([
        [key.id, '2026-11-27'],
        ['admin-0123', '2026-11-27'],
        [NOBODY, '2026-11-27'],
      ]),
    )
    await noteUse(client, new Map([[key.id, '2026-11-26']]))
    expect(await token(), 'a use changes nothing for others').to.equal(before)
    const [listed, ...others] = await listKeys(client)
    expect(others).to.deep.equal([])
    expect(listed).to.deep.include({
      ...key,
      createdBy: 'shell',
      revokedAtMs: null,
      replacedBy: null,
      lastUsedOn: '2026-11-27',
    })
    expect(listed!.createdAtMs).to.be.closeTo(Date.now(), 60_000)
  })

  it('are revoked once, which says when none is left', async () => {
    const { key: first } = await createKey(client, WANTED)
    const { key: second } = await createKey(client, { ...WANTED, name: 'another' })
    expect(await revokeKey(client, first.id)).to.deep.include({ isLast: false })
    expect((await readAccess(client)).keys.map(({ id }) => id)).to.deep.equal([second.id])
    const before = await token()
    const { revokedAtMs } = (await listKeys(client))[0]!
    expect(await revokeKey(client, first.id)).to.deep.include({ isLast: false })
    expect(await token()).to.equal(before)
    expect((await listKeys(client))[0]).to.deep.include({ revokedAtMs })
    const last = await revokeKey(client, second.id)
    expect(last.isLast).to.equal(true)
    expect(last.key.name).to.equal('another')
    expect(await codeOf(revokeKey(client, NOBODY))).to.equal('KEY_UNKNOWN')
    expect(await codeOf(revokeKey(client, "no uuid'"))).to.equal('KEY_UNKNOWN')
  })

  it('are still listed for 90 days after they were revoked', async () => {
    const { key } = await createKey(client, WANTED)
    await revokeKey(client, key.id)
    await client.query(`UPDATE access_keys SET revoked_at = revoked_at - interval '89 days'`)
    expect(await listKeys(client)).to.have.lengthOf(1)
    await client.query(`UPDATE access_keys SET revoked_at = revoked_at - interval '2 days'`)
    expect(await listKeys(client)).to.deep.equal([])
  })

  it('are rotated: a new key like the old one, which is in force for a while', async () => {
    const expiresAtMs = Date.now() + 1000 * HOUR_MS
    const { key: old } = await createKey(client, { ...WANTED, expiresAtMs })
    const before = await token()
    const { key, text } = await rotateKey(client, old.id, { overlapMs: HOUR_MS, createdBy: 'operator' })
    expect(await token()).not.to.equal(before)
    expect(key).to.deep.equal({ ...old, id: key.id })
    const [first, second] = await listKeys(client)
    expect(first).to.deep.include({ id: old.id, replacedBy: key.id, revokedAtMs: null })
    expect(first!.expiresAtMs).to.be.closeTo(Date.now() + HOUR_MS, 60_000)
    expect(second).to.deep.include({ ...key, createdBy: 'operator' })
    expect((await readAccess(client)).keys[1]!.hash).to.equal(hashOfKey(text))
  })

  it('do not live longer by a rotation', async () => {
    const expiresAtMs = Date.now() + HOUR_MS
    const { key: old } = await createKey(client, { ...WANTED, expiresAtMs })
    const { key } = await rotateKey(client, old.id, { overlapMs: 24 * HOUR_MS, createdBy: 'shell' })
    expect(key.expiresAtMs).to.equal(expiresAtMs)
    expect((await listKeys(client))[0]!.expiresAtMs).to.equal(expiresAtMs)
  })

  it('that were rotated are over at the next change after their end, and do not keep the service closed', async () => {
    const { key: old } = await createKey(client, WANTED)
    const { key } = await rotateKey(client, old.id, { overlapMs: 0, createdBy: 'shell' })
    expect((await readAccess(client)).keys, 'time alone opens nothing').to.have.lengthOf(2)
    expect(await revokeKey(client, key.id)).to.deep.include({ isLast: true })
    expect((await readAccess(client)).keys).to.deep.equal([])
  })

  it('that are over are not rotated', async () => {
    const { key: revoked } = await createKey(client, WANTED)
    await revokeKey(client, revoked.id)
    const { key: expired } = await createKey(client, { ...WANTED, expiresAtMs: Date.now() + HOUR_MS })
    await client.query('UPDATE access_keys SET expires_at = now() WHERE id = $1', [expired.id])
    const { key: rotated } = await createKey(client, WANTED)
    const rotation = { overlapMs: HOUR_MS, createdBy: 'shell' }
    await rotateKey(client, rotated.id, rotation)
    const before = await token()
    for (const { id } of [revoked, expired, rotated])
      expect(await codeOf(rotateKey(client, id, rotation))).to.equal('KEY_OVER')
    expect(await codeOf(rotateKey(client, NOBODY, rotation))).to.equal('KEY_UNKNOWN')
    expect(await token()).to.equal(before)
    expect(await listKeys(client)).to.have.lengthOf(4)
  })

  it('are limited in number, also when two are made at once', async () => {
    await client.query(
      `INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by)
       SELECT gen_random_uuid(), 'many', number, '{read}', now(), 'shell' FROM generate_series(2, $1::int) AS number`,
      [MAX_KEYS],
    )
    const clients = await Promise.all([1, 2, 3].map(() => connect(database.server, 'clickcounter test')))
    const codes = await Promise.all(clients.map(each => codeOf(createKey(each, WANTED))))
    clients.forEach(discard)
    expect(codes.sort()).to.deep.equal(['KEYS_TOO_MANY', 'KEYS_TOO_MANY', 'done'])
    const { id } = (await listKeys(client))[0]!
    expect(await codeOf(rotateKey(client, id, { overlapMs: 0, createdBy: 'shell' }))).to.equal(
      'KEYS_TOO_MANY',
    )
    await revokeKey(client, id)
    expect(await codeOf(createKey(client, WANTED)), 'the client goes on after a refusal').to.equal('done')
  })

  it('stand beside the sessions that were logged out', async () => {
    const endsAtMs = Date.now() + HOUR_MS
    const before = await token()
    await endSession(client, { id: 'a', endsAtMs })
    const after = await token()
    expect(after).not.to.equal(before)
    await endSession(client, { id: 'a', endsAtMs })
    expect(await token(), 'ended before').to.equal(after)
    expect((await readAccess(client)).endedSessions).to.deep.equal([{ id: 'a', endsAtMs }])
    await client.query(`UPDATE ended_sessions SET ends_at = now() - interval '25 hours'`)
    await endSession(client, { id: 'b', endsAtMs })
    expect((await readAccess(client)).endedSessions).to.deep.equal([{ id: 'b', endsAtMs }])
  })

  it('stand beside so many sessions at most: then all sessions end, with another secret', async () => {
    const endsAtMs = Date.now() + HOUR_MS
    const { sessionSecret } = await readAccess(client)
    await client.query(
      `INSERT INTO ended_sessions SELECT number, now() + interval '1 hour' FROM generate_series(2, $1::int) AS number`,
      [MAX_ENDED_SESSIONS],
    )
    await endSession(client, { id: 'the last one', endsAtMs })
    const full = await readAccess(client)
    expect(full.endedSessions).to.have.lengthOf(MAX_ENDED_SESSIONS)
    expect(full.sessionSecret).to.equal(sessionSecret)
    await endSession(client, { id: 'one too many', endsAtMs })
    const after = await readAccess(client)
    expect(after.endedSessions).to.deep.equal([])
    expect(after.sessionSecret)
      .to.match(/^[\w-]{43}$/)
      .and.not.to.equal(sessionSecret)
    expect(after.token).not.to.equal(full.token)
  })

  it('are not changed while nobody could see the change', async () => {
    await client.query('BEGIN; DELETE FROM access_state')
    const other = await connect(database.server, 'clickcounter test')
    const made = codeOf(createKey(other, WANTED))
    await client.query('COMMIT')
    expect(await made).to.equal('TABLE_ACCESS_STATE')
    expect(await codeOf(readToken(other))).to.equal('TABLE_ACCESS_STATE')
    expect(await codeOf(readAccess(other))).to.equal('TABLE_ACCESS_STATE')
    discard(other)
    expect(await listKeys(client)).to.deep.equal([])
  })
})
