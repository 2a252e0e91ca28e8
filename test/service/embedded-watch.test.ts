import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { EmbeddedWatch } from '../../lib/service/embedded-watch.ts'
import { until } from '../support/until.ts'

describe('the watch over the embedded Postgres', () => {
  it('tries ever more rarely to start one that cannot be started, and says so until it runs', async () => {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    const log = createLog('silent')
    const embedded = new Mortal()
    const watch = new EmbeddedWatch(embedded, new Conditions(memory, log), log, 1)
    await until(() => embedded.tries === 1)
    expect(raisedConditions(memory)).to.have.nested.property('[0].text', 'the disk is full')
    expect(raisedConditions(memory)).to.have.nested.property('[0].name', 'embedded_postgres_down')
    await delay(400)
    // 50 to 100 ms, then 100 to 200, 200 to 400, …
    expect(embedded.tries).to.be.within(2, 4)

    embedded.isDiskFull = false
    await until(() => embedded.isAlive() && raisedConditions(memory).length === 0)
    await watch.stop()
  })
})

class Mortal {
  isDiskFull = true
  tries = 0
  #isAlive = false

  isAlive(): boolean {
    return this.#isAlive
  }

  async bringUp(): Promise<void> {
    this.tries++
    if (this.isDiskFull) throw new Error('the disk is full')
    this.#isAlive = true
  }
}
