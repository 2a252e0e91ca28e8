import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ticksName } from '../../lib/journal/files/names.ts'
import { encode, KEY, OTHER_WRITER } from '../journal/journal-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, startServiceProcess } from '../support/process.ts'

describe('a journal with odd things in it', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => database.drop())

  it('ends no start and blocks no flush: what is sound is stored, what is odd is named', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-odd-'))
    const journal = join(dataDir, 'journal')
    mkdirSync(journal)
    const at = (name: string) => join(journal, name)
    const sound = encode(KEY, [[Math.floor(Date.now() / 60_000), new Map([[7, 5]])]])
    writeFileSync(at(ticksName(KEY, 0)), sound)
    writeFileSync(at(`${KEY.writer}.4294967296.0-0.ticks`), sound)
    symlinkSync(at('nowhere'), at(ticksName(KEY, 1)))
    spawnSync('mkfifo', [at(ticksName(KEY, 2))])
    mkdirSync(at(ticksName({ ...KEY, writer: OTHER_WRITER }, 0)))
    const service = await startServiceProcess({ DATABASE_URL: database.url, DATA_DIR: dataDir })
    await fetch(`${service.url}/counter/7`)
    const range = { from: '2020-01-01', to: '2030-01-01' }
    const answer = await fetch(`${service.url}/stats/7`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(range),
    })
    expect(await answer.json()).to.include({ total: 6 })
    const health = (await (await fetch(`${service.url}/health`)).json()) as Record<string, unknown>
    expect(health).to.include({ status: 'degraded', reason: 'journal_odd_files' })
    expect(health.database).to.include({ status: 'up' })
    expect(health.reasons).to.have.nested.property('[0].detail').that.includes('4294967296')
    expect(await endService(service)).to.equal(0)
  })
})
