import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { newKey, snapshotOf } from '../support/keys.ts'
import { sendBulk } from './keys-support.ts'
import { newThreads } from './published-threads.ts'

const CONNECTIONS = 8
const CHANGES = 30

describe('keys that main publishes', () => {
  let directory: string
  let agents: http.Agent[]
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-published-'))
    agents = Array.from({ length: CONNECTIONS }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }))
  })
  afterEach(async () => {
    for (const agent of agents) agent.destroy()
    await rm(directory, { recursive: true, force: true })
  })

  /** What a bulk without a key gets, over connections that the kernel has spread over the threads. */
  async function statuses(url: string): Promise<number[]> {
    return [...new Set(await Promise.all(agents.map(agent => sendBulk(url, null, agent))))]
  }

  it('are in force in all threads once they are published, also in threads that were just starting', async () => {
    const open = snapshotOf([])
    const closed = snapshotOf([newKey(['count'])])
    const { threads, access, url } = await newThreads(directory)
    access.snapshot = open
    const starting = threads.start()
    // Their workerData has the old one.
    access.snapshot = closed
    await Promise.all([starting, threads.publish({ kind: 'access', snapshot: closed })])
    expect(await statuses(url)).to.deep.equal([401])
    for (let change = 0; change < CHANGES; change++) {
      await threads.publish({ kind: 'access', snapshot: change % 2 === 0 ? open : closed })
      expect(await statuses(url), `change ${change}`).to.deep.equal([change % 2 === 0 ? 202 : 401])
    }
    await threads.stop(0)
  })
})
