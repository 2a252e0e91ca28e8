import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { checkOpenFilesLimit, maxConnectionsPerThread } from '../../lib/base/descriptors.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { spawnService, startServiceProcess } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'

const CLICK = 'GET /counter/1 HTTP/1.1\r\nHost: x\r\n\r\n'
const RANGE = '{"from":"2020-01-01","to":"2029-01-01"}'
const STATS = `POST /stats/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${RANGE.length}\r\n\r\n${RANGE}`

describe('the limit on open files', () => {
  for (const [threadCount, databaseConnections] of [
    [1, 2],
    [1, 20],
    [16, 20],
    [64, 10_000],
  ] as const)
    it(`is enough, or stops the start, with ${threadCount} threads and ${databaseConnections} database connections`, () => {
      const consumers = { threadCount, databaseConnections }
      const needed = Number(/need (\d+);/.exec(refusal(consumers, 1)!)![1])
      expect(refusal(consumers, needed - 1)).to.include(`need ${needed};`)
      expect(refusal(consumers, needed)).to.equal(null)
      expect(maxConnectionsPerThread(consumers, needed)).to.equal(16)
      expect(maxConnectionsPerThread(consumers, needed + 200 * threadCount)).to.equal(216)
      const most = Math.floor(20_000 / threadCount)
      expect(maxConnectionsPerThread(consumers, Number.POSITIVE_INFINITY)).to.equal(most)
    })
})

// On other systems, the limit is not known.
if (process.platform === 'linux')
  describe('the limit on open files of a service', () => {
    let database: TestDatabase
    let dataDir: string
    beforeEach(async () => {
      database = await createTestDatabase()
      dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-descriptors-'))
    })
    afterEach(async () => {
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const settings = (threads: number): Settings => ({
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      SERVER_THREADS: String(threads),
    })

    it('stops a start that it is too low for, in one line that says how many are needed', async () => {
      const service = spawnService({ ...settings(1), SERVER_PORT: '0' }, [], { ulimit: '-n 64' })
      expect(await service.exited).to.equal(1)
      expect(service.lines.at(-1)).to.equal(
        'clickcounter cannot start: the limit on open files is 64, and 1 request thread with 20 database connections need 96; raise it (ulimit -n, LimitNOFILE= in systemd), or set CLICKCOUNTER_SERVER_THREADS or CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS to less',
      )
    })

    it('leaves enough for journal and database when clients hold all the connections that they may', async () => {
      const service = await startServiceProcess(settings(4), [], { ulimit: '-n 174' })
      const port = Number(new URL(service.url).port)
      const clients = await Promise.all(Array.from({ length: 128 }, () => dial(port)))
      const clicks = await Promise.all(clients.map(client => ask(client, CLICK)))
      const held = clients.filter((_, index) => clicks[index] !== '')
      const stats = await Promise.all(held.map(client => ask(client, STATS)))
      for (const client of clients) client.destroy()
      expect(held.length).to.be.within(32, 64)
      expect(new Set(clicks)).to.deep.equal(new Set(['204', '']))
      expect(new Set(stats)).to.deep.equal(new Set(['200']))
      service.signal('SIGTERM')
      expect(await service.exited).to.equal(0)
    })
  })

function refusal(consumers: Parameters<typeof checkOpenFilesLimit>[0], limit: number): string | null {
  try {
    checkOpenFilesLimit(consumers, limit)
    return null
  } catch (error) {
    expect(error).to.have.property('code', 'TOO_FEW_DESCRIPTORS')
    return (error as Error).message
  }
}

async function dial(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  await once(client, 'connect')
  return client
}

/** The status of the answer, or nothing when the connection is closed without one. */
function ask(client: Socket, request: string): Promise<string> {
  return new Promise(resolve => {
    client.once('data', (answer: Buffer) => resolve(answer.toString('latin1', 9, 12)))
    client.once('close', () => resolve(''))
    if (client.closed) resolve('')
    client.write(request)
  })
}
