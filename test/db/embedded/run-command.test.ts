import { expect } from 'chai'
import { runCommand } from '../../../db/embedded/run-command.ts'

describe('a program of the embedded Postgres', () => {
  const ours = { CLICKCOUNTER_ADMIN_KEY: 'secret'.repeat(6), CLICKCOUNTER_DATABASE_PASSWORD: 'secret' }
  before(() => Object.assign(process.env, ours))
  after(() => {
    for (const name of Object.keys(ours)) delete process.env[name]
  })

  it('is told none of our settings, and everything else', async () => {
    const { exitCode, output } = await runCommand({ file: 'env', args: [] })
    expect(exitCode).to.equal(0)
    expect(output).to.include(`PATH=${process.env.PATH}`).and.to.include('TZ=UTC')
    expect(output).not.to.match(/CLICKCOUNTER_|secret/)
  })
})
