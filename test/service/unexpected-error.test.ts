import { expect } from 'chai'
import { createTestDatabase } from '../support/database.ts'
import { endService, startServiceProcess } from '../support/process.ts'

const throwing = new URL('./throw-on-signal.ts', import.meta.url).href

describe('an error that nobody expected', () => {
  it('ends the process, and is the last line of its log', async () => {
    const database = await createTestDatabase()
    const service = await startServiceProcess({ DATABASE_URL: database.url }, ['--import', throwing])
    service.signal('SIGUSR2')
    expect(await service.exited).to.equal(1)
    const last = service.lines
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line))
      .at(-1)
    expect(last).to.include({ level: 60, msg: 'dying of an unexpected error' })
    expect(last.err.message).to.equal('nobody expected this')
    await endService(service)
    await database.drop()
  })
})
