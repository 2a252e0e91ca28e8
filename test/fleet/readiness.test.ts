import { mock } from 'node:test'
import { expect } from 'chai'
import { Readiness } from '../../lib/fleet/readiness.ts'
import { CONTROL } from '../../lib/memory/layout.ts'
import { READINESS_OUTDATED, READINESS_READY, READINESS_STARTING } from '../../lib/memory/readiness.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

describe('readiness', () => {
  let memory: SharedMemory
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
  })
  afterEach(() => mock.timers.reset())
  const state = () => Atomics.load(memory.i32, CONTROL.readiness)

  it('comes with the row, not with the tables', async () => {
    const readiness = new Readiness(memory, { isAlone: false })
    readiness.tablesAre('ready')
    expect(state()).to.equal(READINESS_STARTING)
    readiness.hasPlace()
    expect(state()).to.equal(READINESS_READY)
    await readiness.settled
    readiness.stop()
  })

  it('waits for no row while Postgres is away, takes more than 10 s, or is embedded', () => {
    const away = new Readiness(memory, { isAlone: false })
    away.tablesAre('missing')
    expect(state()).to.equal(READINESS_READY)
    const slow = new Readiness(memory, { isAlone: false })
    mock.timers.tick(9999)
    expect(state()).to.equal(READINESS_STARTING)
    mock.timers.tick(1)
    expect(state()).to.equal(READINESS_READY)
    const alone = new Readiness(memory, { isAlone: true })
    expect(state()).to.equal(READINESS_READY)
    for (const each of [away, slow, alone]) each.stop()
  })

  it('ends while the tables are newer than the program, also when Postgres goes away then', () => {
    const readiness = new Readiness(memory, { isAlone: true })
    readiness.tablesAre('newer')
    expect(state()).to.equal(READINESS_OUTDATED)
    readiness.tablesAre('missing')
    expect(state()).to.equal(READINESS_OUTDATED)
    readiness.tablesAre('ready')
    expect(state()).to.equal(READINESS_READY)
    readiness.stop()
  })
})
