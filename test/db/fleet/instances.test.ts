import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import { connect } from '../../../db/connection/connect.ts'
import { forgetInstances } from '../../../db/fleet/forget.ts'
import { readFleet } from '../../../db/fleet/read-fleet.ts'
import {
  deletePastInstances,
  type Grounds,
  type Heartbeat,
  type HeartbeatOutcome,
  writeInstance,
} from '../../../db/fleet/write-instance.ts'
import { endWriter } from '../../../lib/flush-worker/ledger.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const SECOND_MS = 1000

describe('rows of instances', () => {
  let database: TestDatabase
  let client: pg.Client
  let id: string
  before(async () => {
    database = await createTestDatabase()
    client = await connect(database.server, 'clickcounter test')
    id = (await database.query<{ id: string }>('SELECT id FROM click_database'))[0]!.id
  })
  after(async () => {
    await client.end()
    await database.drop()
  })
  afterEach(() => database.query('TRUNCATE click_instances, click_ledger'))

  const heartbeat = (change: Partial<Heartbeat> = {}): Heartbeat => ({
    writer: randomUUID(),
    name: 'one:8080',
    version: '1.0.0',
    startedAtMs: Date.parse('2026-11-28T10:00:00Z'),
    state: 'serving',
    pending: 0,
    pendingSinceMs: null,
    finalThroughMs: Date.now() - SECOND_MS,
    ...change,
  })
  const write = (
    row: Heartbeat,
    grounds: Partial<Grounds> = {},
    isRevived = false,
  ): Promise<HeartbeatOutcome> =>
    writeInstance(
      client,
      row,
      { database: id, expected: new Map(), earlier: new Map(), ...grounds },
      isRevived,
    )
  const silence = (writer: string, interval: string) =>
    database.query('UPDATE click_instances SET seen_at = now() - $2::interval WHERE writer = $1', [
      writer,
      interval,
    ])
  const first = async () => (await readFleet(client)).instances[0]!

  it('are made, and brought up to date', async () => {
    const row = heartbeat({ pending: 3, pendingSinceMs: Date.now() - 4000 })
    expect(await write(row)).to.equal('written')
    const made = await first()
    expect(made).to.include({ name: 'one:8080', id: row.writer, state: 'serving', pending: 3, advice: null })
    expect(made.pendingSeconds).to.be.within(3, 6)
    expect(await write({ ...row, state: 'draining', pending: 0, pendingSinceMs: null })).to.equal('written')
    expect(await first()).to.include({ state: 'draining', pending: 0, pendingSeconds: 0 })
  })

  it('claim nothing that the database has lost, and nothing in another database', async () => {
    const row = heartbeat()
    const earlier = randomUUID()
    await database.query(
      `INSERT INTO click_ledger (writer, generation, updated_at) VALUES ($1, 7, now()), ($2, 2, now())`,
      [row.writer, earlier],
    )
    const expecting = (own: number, others: number) =>
      write(row, {
        expected: new Map([
          [row.writer, own],
          [earlier, others],
        ]),
      })
    expect(await write(row, { database: randomUUID() })).to.equal('elsewhere')
    expect((await readFleet(client)).instances).to.deep.equal([])
    // Without a row of its own, what is final would be told without what the database has lost of it.
    const started = { state: 'serving', finalThrough: '2026-11-28T10:00:00Z' }
    expect(await expecting(8, 2)).to.equal('behind')
    expect(await first()).to.include(started)
    expect(await expecting(7, 3)).to.equal('behind')
    expect(await first()).to.include(started)
    expect(await expecting(7, 2)).to.equal('written')
    expect((await first()).finalThrough > started.finalThrough).to.equal(true)
  })

  it('are stopped with the end of their writer, and no heartbeat that comes late starts them again', async () => {
    const row = heartbeat({ pending: 5 })
    await write(row)
    await endWriter(client, row.writer)
    expect(await first()).to.include({ state: 'stopped', pending: 0 })
    expect(await write(row)).to.equal('stopped')
    expect(await first()).to.include({ state: 'stopped' })
    expect(await write(row, {}, true), 'somebody has ended it by mistake').to.equal('written')
    expect(await first()).to.include({ state: 'serving', pending: 5 })
  })

  it('hold back for earlier processes that have none, also when they stop', async () => {
    const [known, unknown] = [heartbeat({ name: 'before' }), randomUUID()]
    await write(known)
    const sinceMs = Date.parse('2026-11-28T09:00:00Z')
    const earlier = new Map([
      [known.writer, 0],
      [unknown, sinceMs],
    ])
    const row = heartbeat({ name: 'now', state: 'stopped' })
    await write(row, { earlier })
    const [, now] = (await readFleet(client)).instances
    expect(now).to.include({ state: 'draining', finalThrough: '2026-11-28T09:00:00Z' })
    // An older copy of its journal was stored to its end.
    await endWriter(client, known.writer)
    await write({ ...row, state: 'serving' }, { earlier: new Map([[known.writer, sinceMs]]) })
    expect((await readFleet(client)).instances[1]).to.include({ finalThrough: '2026-11-28T09:00:00Z' })
    await write(row)
    expect((await readFleet(client)).instances[1]).to.include({ state: 'stopped' })
  })

  it('say who lags, who is lost and what to do, and are final through the oldest that counts', async () => {
    const ms = Date.now()
    const rows = {
      good: heartbeat({ name: 'good', finalThroughMs: ms - 1000 }),
      lagging: heartbeat({ name: 'lagging', finalThroughMs: ms - 20_000, pending: 9 }),
      lost: heartbeat({ name: 'lost', finalThroughMs: ms - 60_000, pending: 17 }),
      stopped: heartbeat({ name: 'stopped', finalThroughMs: ms - 100_000 }),
    }
    for (const row of Object.values(rows)) await write(row)
    await silence(rows.lost.writer, '16 seconds')
    await endWriter(client, rows.stopped.writer)
    await silence(rows.stopped.writer, '1 hour')
    const fleet = await readFleet(client)
    expect(fleet.finalThrough).to.equal(
      new Date(Math.floor((ms - 60_000) / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
    )
    expect(fleet.heldBackBy).to.deep.equal(['lagging', 'lost'])
    expect(fleet.instances.map(({ name, state }) => [name, state])).to.deep.equal([
      ['good', 'serving'],
      ['lagging', 'serving'],
      ['lost', 'lost'],
      ['stopped', 'stopped'],
    ])
    expect(fleet.instances.map(({ advice }) => advice !== null)).to.deep.equal([false, false, true, false])
    expect(fleet.instances[2]!.advice).to.match(/holds 17 clicks.*DATA_DIR.*forget lost\.$/)
  })

  it('are final through nothing while there is none', async () => {
    expect(await readFleet(client)).to.deep.equal({ finalThrough: null, heldBackBy: [], instances: [] })
  })

  it('are forgotten when they are lost, with what they held, and only then', async () => {
    const [lost, alive] = [heartbeat({ pending: 17, finalThroughMs: 0 }), heartbeat()]
    await write(lost)
    await write(alive)
    const refusal = (name: string) =>
      forgetInstances(client, name, 'me').then(
        () => expect.fail('it was forgotten'),
        error => error.message,
      )
    expect(await refusal('one:8080')).to.match(
      /"one:8080" is serving: only lost .* silent for 15 s, and none is lost$/,
    )
    await silence(lost.writer, '16 seconds')
    expect(await refusal('two')).to.match(/there is no instance "two": .* one:8080 is$/)
    expect((await forgetInstances(client, 'one:8080', 'me@host')).map(({ id }) => id)).to.deep.equal([
      lost.writer,
    ])
    const { instances, heldBackBy } = await readFleet(client)
    expect(instances.map(({ state, pending }) => [state, pending])).to.have.deep.members([
      ['forgotten', 17],
      ['serving', 0],
    ])
    expect(heldBackBy).to.deep.equal([])
    const [row] = await database.query(
      'SELECT forgotten_by AS by, now() - forgotten_at < interval \'1 minute\' AS "isNow" FROM click_instances WHERE writer = $1',
      [lost.writer],
    )
    expect(row).to.deep.equal({ by: 'me@host', isNow: true })
    expect(await write(lost), 'it was cut off, and comes back').to.equal('written')
    const [back] = await database.query('SELECT state, forgotten_by FROM click_instances WHERE writer = $1', [
      lost.writer,
    ])
    expect(back).to.deep.equal({ state: 'serving', forgotten_by: null })
  })

  it('go a week after they have stopped or were forgotten', async () => {
    const rows = Object.fromEntries(
      ['old stop', 'new stop', 'old lost'].map(name => [name, heartbeat({ name })]),
    )
    for (const row of Object.values(rows)) await write(row)
    for (const name of ['old stop', 'new stop']) await endWriter(client, rows[name]!.writer)
    for (const name of ['old stop', 'old lost']) await silence(rows[name]!.writer, '8 days')
    await deletePastInstances(client)
    const names = async () => (await readFleet(client)).instances.map(({ name }) => name)
    expect(await names()).to.have.members(['new stop', 'old lost'])
    await forgetInstances(client, 'old lost', 'me')
    await deletePastInstances(client)
    expect(await names()).to.have.members(['new stop', 'old lost'])
    await database.query("UPDATE click_instances SET forgotten_at = now() - interval '8 days'")
    await deletePastInstances(client)
    expect(await names()).to.deep.equal(['new stop'])
  })
})
