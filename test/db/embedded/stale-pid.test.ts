import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { findPostmaster, isRunning } from '../../../db/embedded/postmaster.ts'
import { until } from '../../support/until.ts'
import {
  cleanUpAfterTest,
  makeDataDir,
  makeDirectory,
  removeTemplate,
  startQuietly,
} from './embedded-support.ts'

describe('the embedded Postgres with an outdated postmaster.pid', () => {
  afterEach(cleanUpAfterTest)
  after(removeTemplate)

  it('starts although the pid belongs to another program by now', async () => {
    const dataDir = await makeDataDir()
    const stranger = spawn('sleep', ['60'])
    try {
      await once(stranger, 'spawn')
      await leavePostmasterPid(dataDir, stranger.pid!)
      const postgres = await startQuietly(dataDir)
      expect(postgres.isAdopted).to.equal(false)
      expect(stranger.exitCode).to.equal(null)
    } finally {
      stranger.kill()
    }
  })

  it('starts although the pid belongs to the Postgres of another directory by now', async () => {
    const [dataDir, otherDataDir] = [await makeDataDir(), await makeDataDir()]
    const other = await startQuietly(otherDataDir)
    await leavePostmasterPid(dataDir, (await findPostmaster(join(otherDataDir, 'postgres')))!.pid)
    const postgres = await startQuietly(dataDir)
    expect(postgres.isAdopted).to.equal(false)
    expect(postgres.isAlive()).to.equal(true)
    expect(other.isAlive()).to.equal(true)
  })

  if (process.platform === 'linux') {
    it('starts although the pid is a process that ended and was never waited for', async () => {
      const dataDir = await makeDataDir()
      // The shell becomes `sleep`, which knows of no child and never waits for it. A background child reads /dev/null.
      const parent = spawn('/bin/sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 60'])
      try {
        const zombiePid = Number(await once(parent.stdout, 'data'))
        await until(async () => (await readFile(`/proc/${parent.pid}/comm`, 'utf8')) === 'sleep\n')
        parent.stdin.end()
        await until(() => !isRunning(zombiePid))
        expect(process.kill(zombiePid, 0)).to.equal(true)
        await leavePostmasterPid(dataDir, zombiePid)
        expect((await startQuietly(dataDir)).isAdopted).to.equal(false)
      } finally {
        parent.kill()
      }
    })
  }

  it('starts although postmaster.pid names a process that is gone', async () => {
    const dataDir = await makeDataDir()
    const gone = spawn('true')
    await once(gone, 'close')
    await leavePostmasterPid(dataDir, gone.pid!)
    expect((await startQuietly(dataDir)).isAdopted).to.equal(false)
  })

  it('starts although a power cut left postmaster.pid empty', async () => {
    const dataDir = await makeDataDir()
    const lockFile = join(dataDir, 'postgres', 'postmaster.pid')
    await writeFile(lockFile, '')
    const aMinuteAgo = new Date(Date.now() - 60_000)
    await utimes(lockFile, aMinuteAgo, aMinuteAgo)
    expect((await startQuietly(dataDir)).isAdopted).to.equal(false)
  })

  it('leaves a postmaster.pid alone that a starting Postgres has created and not yet written', async () => {
    const cluster = await makeDirectory()
    await writeFile(join(cluster, 'postmaster.pid'), '')
    expect(await findPostmaster(cluster)).to.equal(null)
    expect(await readdir(cluster)).to.deep.equal(['postmaster.pid'])
  })

  it('has nothing to stop when the pid belongs to another program by now', async () => {
    const dataDir = await makeDataDir()
    const postgres = await startQuietly(dataDir)
    process.kill((await findPostmaster(join(dataDir, 'postgres')))!.pid, 'SIGKILL')
    await until(() => !postgres.isAlive())
    const stranger = spawn('sleep', ['60'])
    await once(stranger, 'spawn')
    await leavePostmasterPid(dataDir, stranger.pid!)
    await postgres.stop()
    expect(isRunning(stranger.pid!)).to.equal(true)
    stranger.kill()
  })
})

/** What a crash leaves: the file of a Postgres that no longer runs. */
async function leavePostmasterPid(dataDir: string, pid: number): Promise<void> {
  const cluster = join(dataDir, 'postgres')
  const lines = [pid, cluster, 1_700_000_000, 5432, '', '127.0.0.1', '   123456    123456', 'ready   ']
  await writeFile(join(cluster, 'postmaster.pid'), `${lines.join('\n')}\n`)
}
