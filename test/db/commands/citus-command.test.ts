import { expect } from 'chai'
import type pg from 'pg'
import { databaseFailure } from '../../../db/connection/failure.ts'
import { expectNoWorker } from '../../../db/schema/distribution.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { callCommand } from './command-support.ts'

/** A connection to a server of Citus. No Citus is at hand here: it answers as one does. */
function server(place: object): pg.Client {
  const query = async (text: string) => ({ rows: [/pg_extension/.test(text) ? { isOnCitus: true } : place] })
  return { query } as unknown as pg.Client
}

describe('tables on Citus', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  for (const action of ['distribute', 'undistribute'])
    it(`are not there without Citus, and ${action} says so`, async () => {
      const run = await callCommand('citus-command', { DATABASE_URL: database.url }, [action])
      expect(run).to.include({ status: 1, stdout: '' })
      expect(run.stderr).to.match(/^this database has no Citus: CREATE EXTENSION citus/)
    })

  for (const args of [[], ['drop'], ['distribute', 'banners']])
    it(`are not changed by "${args.join(' ')}"`, async () => {
      const run = await callCommand('citus-command', { DATABASE_URL: database.url }, args)
      expect(run).to.include({ status: 1, stdout: '' })
      expect(run.stderr).to.match(/^say distribute or undistribute\n\nUsage/)
    })

  it('are not looked for on a worker, whose error names the coordinator', async () => {
    const error = await expectNoWorker(server({ isCoordinator: false, host: 'citus-1', port: 5432 })).catch(
      error => error,
    )
    const { message, reason } = databaseFailure(error, database.server)
    expect(message).to.match(
      /worker of Citus: CLICKCOUNTER_DATABASE_HOST.* coordinator, which is citus-1, port 5432/,
    )
    expect(reason).to.equal('database_schema')
  })

  it('are looked for on a worker that does not know its coordinator no more', async () => {
    const error = await expectNoWorker(server({ isCoordinator: false, host: null, port: null })).catch(
      error => error,
    )
    expect(error).to.include({ code: 'SCHEMA_ON_WORKER' })
    expect(error.message).to.match(/the coordinator$/)
  })

  it('are looked for on the coordinator', async () => {
    await expectNoWorker(server({ isCoordinator: true, host: 'citus-1', port: 5432 }))
  })
})
