import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { choosePostgresUser } from '../../../db/embedded/as-user.ts'
import { findBinaries } from '../../../db/embedded/binaries.ts'
import { clusterPaths } from '../../../db/embedded/cluster.ts'
import { startCluster } from '../../../db/embedded/control.ts'
import { findPostmaster, isRunning } from '../../../db/embedded/postmaster.ts'
import { query } from '../../support/database.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { until } from '../../support/until.ts'
import { cleanUpAfterTest, makeDataDir, removeTemplate, startQuietly } from './embedded-support.ts'

/** A server's message AuthenticationCleartextPassword. */
const ASK_FOR_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])

describe('the embedded Postgres of a service 1.0.0', () => {
  let dataDir: string
  let port: number
  beforeEach(async () => {
    dataDir = await makeDataDir()
    port = await chooseFreePort()
    const urlFile = join(dataDir, 'postgres.url')
    const password = new URL(await readFile(urlFile, 'utf8')).password
    await writeFile(urlFile, `postgresql://clickcounter:${password}@127.0.0.1:${port}/clickcounter\n`)
  })
  afterEach(cleanUpAfterTest)
  after(removeTemplate)

  it('that was left running on a port leaves it, and keeps its data', async () => {
    const binaries = await findBinaries()
    const paths = clusterPaths(dataDir)
    const user = await choosePostgresUser(binaries.postgres, dataDir)
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=']
    expect(await startCluster({ paths, binaries, user }, settings)).to.equal(null)
    const left = (await findPostmaster(paths.cluster))!

    const { server, isAdopted } = await startQuietly(dataDir)
    expect(isAdopted).to.equal(false)
    expect(isRunning(left.pid)).to.equal(false)
    expect(await query(server, "SELECT current_setting('listen_addresses') AS addresses")).to.deep.equal([
      { addresses: '' },
    ])
    expect(await readFile(paths.urlFile, 'utf8')).to.include(`?host=${encodeURIComponent(paths.cluster)}\n`)
  })

  it('does not give its password to a program that takes the port', async () => {
    const postgres = await startQuietly(dataDir)
    const { pid } = (await findPostmaster(join(dataDir, 'postgres')))!
    process.kill(pid, 'SIGKILL')
    await until(() => !postgres.isAlive())
    const impostor = await startImpostor(port)
    try {
      await connect(postgres.server, 'clickcounter test').catch(() => {})
      expect(impostor.heard()).not.to.include(postgres.server.password)
      await postgres.bringUp()
      expect(await query(postgres.server, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }])
    } finally {
      impostor.server.close()
    }
  })
})

/** Asks everybody who connects for the password. */
async function startImpostor(port: number): Promise<{ server: Server; heard(): string }> {
  let heard = ''
  const server = createServer(client => {
    client.on('error', () => {})
    client.once('data', () => {
      client.write(ASK_FOR_PASSWORD)
      client.once('data', answer => {
        heard += answer.toString('latin1')
        client.destroy()
      })
    })
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return { server, heard: () => heard }
}
