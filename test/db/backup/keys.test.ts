import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import type pg from 'pg'
import { createKey, listKeys, revokeKey, rotateKey } from '../../../db/access/change-keys.ts'
import { endSession } from '../../../db/access/end-session.ts'
import { readAccess } from '../../../db/access/read-access.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import type { TestDatabase } from '../../support/database.ts'
import { useTwoDatabases } from './two-databases.ts'

const HOUR_MS = 3_600_000
/** The version of the schema that brought keys. */
const VERSION_OF_KEYS = 6
const WANTED = { name: 'a shop', scopes: ['count'], expiresAtMs: null, createdBy: 'shell' } as const

describe('keys in a backup', () => {
  let other: TestDatabase
  let client: pg.Client
  let elsewhere: pg.Client
  const { file, backUp, restore } = useTwoDatabases(made => ({ other, client, elsewhere } = made))

  const idsIn = async (from: pg.Client) => (await readAccess(from)).keys.map(({ id }) => id)

  it('come back with it, as they were, into another database', async () => {
    const { key } = await createKey(client, { ...WANTED, expiresAtMs: Date.now() + 1000 * HOUR_MS })
    await rotateKey(client, key.id, { overlapMs: HOUR_MS, createdBy: 'shell' })
    const { key: gone } = await createKey(client, WANTED)
    await revokeKey(client, gone.id)
    await backUp(client)
    await restore(elsewhere)
    expect(await listKeys(elsewhere)).to.deep.equal(await listKeys(client))
    expect((await readAccess(elsewhere)).keys).to.deep.equal((await readAccess(client)).keys)
  })

  it('are all that it holds of them: no secret and no session', async () => {
    await createKey(client, WANTED)
    await endSession(client, { id: 'logged-out', endsAtMs: Date.now() + HOUR_MS })
    const { sessionSecret, token } = await readAccess(client)
    await backUp(client)
    const text = gunzipSync(await readFile(file())).toString()
    for (const secret of [sessionSecret, token, 'logged-out', 'session_secret'])
      expect(text).not.to.include(secret)
    await restore(client)
    const after = await readAccess(client)
    expect(after.sessionSecret)
      .to.match(/^[\w-]{43}$/)
      .and.not.to.equal(sessionSecret)
    expect(after.token).not.to.equal(token)
    expect(after.endedSessions).to.deep.equal([])
  })

  it('that were revoked or rotated since then stay so, and later ones stay', async () => {
    const { key: revoked } = await createKey(client, WANTED)
    const { key: rotated } = await createKey(client, WANTED)
    const { key: kept } = await createKey(client, WANTED)
    await backUp(client)
    await revokeKey(client, revoked.id)
    await client.query(
      `UPDATE access_keys SET revoked_at = revoked_at - interval '1 year' WHERE revoked_at IS NOT NULL`,
    )
    const { key: successor } = await rotateKey(client, rotated.id, { overlapMs: HOUR_MS, createdBy: 'shell' })
    const { key: later } = await createKey(client, WANTED)
    const before = await listKeys(client)
    await restore(client)
    expect(await idsIn(client)).to.have.members([rotated.id, kept.id, successor.id, later.id])
    expect(await listKeys(client)).to.have.deep.members(before)
  })

  it('that was made before there were keys opens no service', async () => {
    const steps = (await newestVersion()) - VERSION_OF_KEYS + 1
    await migrate(other.server, { kind: 'down', steps })
    await backUp(elsewhere)
    const { key } = await createKey(client, WANTED)
    await restore(client)
    expect(await idsIn(client)).to.deep.equal([key.id])
    await restore(elsewhere)
    expect(await idsIn(elsewhere)).to.deep.equal([])
  })

  it('may be restored where there is nothing but keys, without a question', async () => {
    await createKey(client, WANTED)
    await backUp(client)
    await createKey(elsewhere, WANTED)
    await restore(elsewhere, false)
    expect(await idsIn(elsewhere)).to.have.lengthOf(2)
  })
})
