import { expect } from 'chai'
import type pg from 'pg'
import { connect, discard } from '../../../db/connection/connect.ts'
import { beginReading, beginWriting, commit, type Limits } from '../../../db/connection/transaction.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const LIMITS: Limits = { lockMs: 1001, statementMs: 2002, queryMs: 4000, idleMs: 3003 }

describe('a transaction', () => {
  let database: TestDatabase
  let client: pg.Client
  before(async () => {
    database = await createTestDatabase({ isMigrated: false })
    client = await connect(database.server, 'clickcounter test')
  })
  after(async () => {
    discard(client)
    await database.drop()
  })

  const inForce = async (setting: string) =>
    (await client.query<{ value: string }>('SELECT current_setting($1) AS value', [setting])).rows[0]!.value
  const limitsInForce = async () => [
    await inForce('lock_timeout'),
    await inForce('statement_timeout'),
    await inForce('idle_in_transaction_session_timeout'),
  ]

  for (const [set, expected] of [
    ['off', 'on'],
    ['local', 'local'],
    ['remote_write', 'remote_write'],
    ['on', 'on'],
    ['remote_apply', 'remote_apply'],
  ])
    it(`that writes, where synchronous_commit is ${set}, commits with ${expected}`, async () => {
      // As a setting of a role or a database does, or what another user of a pooler's connection has left.
      await client.query(`SET synchronous_commit = ${set}`)
      await beginWriting(client)
      expect(await inForce('synchronous_commit')).to.equal(expected)
      await commit(client)
      expect(await inForce('synchronous_commit')).to.equal(set)
    })

  it('that writes is READ COMMITTED, whatever the default is', async () => {
    await client.query('SET default_transaction_isolation = serializable')
    await beginWriting(client)
    expect(await inForce('transaction_isolation')).to.equal('read committed')
    await commit(client)
  })

  for (const [kind, begin] of [
    ['writes', () => beginWriting(client, LIMITS)],
    ['reads', () => beginReading(client, LIMITS, ['SET LOCAL enable_sort = off'])],
  ] as const)
    it(`that ${kind} has limits of its own, and leaves none to the next user of its connection`, async () => {
      const before = await limitsInForce()
      await begin()
      expect(await limitsInForce()).to.deep.equal(['1001ms', '2002ms', '3003ms'])
      await commit(client)
      expect(await limitsInForce()).to.deep.equal(before)
    })

  it('that reads sees one snapshot and takes settings of its own', async () => {
    await beginReading(client, LIMITS, ['SET LOCAL enable_sort = off'])
    expect(await inForce('transaction_isolation')).to.equal('repeatable read')
    expect(await inForce('transaction_read_only')).to.equal('on')
    expect(await inForce('enable_sort')).to.equal('off')
    await commit(client)
    expect(await inForce('enable_sort')).to.equal('on')
  })

  it('that has failed does not pass for committed', async () => {
    await beginWriting(client)
    await client.query('SELECT 1 / 0').catch(() => {})
    const error = await commit(client).catch((error: Error) => error)
    expect(String(error)).to.contain('COMMIT was answered with ROLLBACK')
  })
})
