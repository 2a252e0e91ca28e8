import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { callCommand } from './command-support.ts'

describe('npm run fleet', () => {
  let database: TestDatabase
  const lost = randomUUID()
  before(async () => {
    database = await createTestDatabase()
    await database.query(
      `INSERT INTO click_instances
         (writer, name, version, started_at, seen_at, state, pending, pending_since, final_through)
       VALUES ($1, 'web-1', '1.0.0', now(), now() - interval '1 hour', 'serving', 17, now(), '2026-11-28T09:00:00.9Z'),
              ($2, 'web-2', '1.0.0', now(), now() + interval '1 hour', 'serving', 0, null, now())`,
      [lost, randomUUID()],
    )
  })
  after(() => database.drop())

  const run = (...args: readonly string[]) =>
    callCommand('fleet-command', { DATABASE_URL: database.url }, args)

  it('lists all, says who holds back, and what to do', async () => {
    const { status, stdout, stderr } = await run('list')
    expect(status).to.equal(0)
    expect(stdout)
      .to.match(/^NAME +STATE +VERSION/)
      .and.to.match(new RegExp(`^web-1 +lost +1\\.0\\.0 +17 +2026-11-28T09:00:00Z .*${lost}$`, 'm'))
    expect(stdout).to.match(/^web-2 +serving /m)
    expect(stderr).to.equal(
      'web-1: It holds 17 clicks, and nothing after its last heartbeat is final. Start it again with the same DATA_DIR, or ' +
        'store its journal from elsewhere: npm run journal -- store DIR. If its disk is gone: npm run fleet -- forget web-1.\n' +
        'The clicks of all are stored through 2026-11-28T09:00:00Z, held back by web-1.\n',
    )
  })

  it('forgets a lost one when that is confirmed, and no other', async () => {
    const senseless: [string[], RegExp][] = [
      [[], /^say list or forget NAME\n\nUsage/],
      [['list', 'all'], /^list takes nothing else\n\nUsage/],
      [['forget'], /^name one instance, as list shows it\n\nUsage/],
      [['forget', 'web-1', 'web-2'], /^name one instance/],
      [
        ['forget', 'web-1'],
        /npm run journal -- store DIR.*\n.*missing for good.*\nnothing was changed: say --yes/,
      ],
      [
        ['forget', 'web-2', '--yes'],
        /"web-2" is serving: only lost instances can be forgotten, and web-1 is\n$/,
      ],
    ]
    for (const [args, says] of senseless) {
      const { status, stdout, stderr } = await run(...args)
      expect(stderr).to.match(says)
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
    }
    const { status, stderr } = await run('forget', 'web-1', '--yes')
    expect(status).to.equal(0)
    expect(stderr).to.match(
      new RegExp(`web-1 \\(${lost}\\) is forgotten, with 17 clicks that it had not stored`),
    )
    expect((await run('list')).stderr).to.match(/^web-1: Nobody waits for its 17 clicks/)
    const rows = await database.query('SELECT state, pending::int FROM click_instances ORDER BY name')
    expect(rows).to.deep.equal([
      { state: 'forgotten', pending: 17 },
      { state: 'serving', pending: 0 },
    ])
  })
})
