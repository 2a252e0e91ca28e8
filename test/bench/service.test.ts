import { existsSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startMeasuredService } from '../../bench/measuring/service.ts'
import { type ServiceProcess, startServiceProcess } from '../../bench/measuring/service-process.ts'
import { until } from '../support/until.ts'

const LISTENING = `echo '{"msg":"listening on 127.0.0.1, 1 request thread: http://127.0.0.1:1"}'`

describe('the service of the bench', () => {
  let checkout: string
  let service: ServiceProcess | undefined
  beforeEach(async () => {
    checkout = await realpath(await mkdtemp(join(tmpdir(), 'clickcounter-checkout-')))
  })
  afterEach(async () => {
    await service?.end()
    service = undefined
    await rm(checkout, { recursive: true })
  })

  /** What `npm start` does there. */
  function script(start: string): Promise<void> {
    return writeFile(join(checkout, 'package.json'), JSON.stringify({ scripts: { start } }))
  }

  it('is what npm start runs in a checkout, with the settings and the id of that process', async () => {
    await script(`env > environment; pwd > directory; echo $$ > pid; ${LISTENING}; exec sleep 60`)
    service = await startServiceProcess(checkout, { SERVER_THREADS: '3' }, ['--no-warnings'])
    expect(service.url).to.equal('http://127.0.0.1:1')
    expect(await readFile(join(checkout, 'pid'), 'utf8')).to.equal(`${service.pid}\n`)
    expect(await readFile(join(checkout, 'directory'), 'utf8')).to.equal(`${checkout}\n`)
    const environment = (await readFile(join(checkout, 'environment'), 'utf8')).split('\n')
    expect(environment.filter(line => /^CLICKCOUNTER_|^NODE_OPTIONS/.test(line)).sort()).to.deep.equal([
      `CLICKCOUNTER_DATA_DIR=${service.dataDir}`,
      'CLICKCOUNTER_SERVER_HOST=127.0.0.1',
      'CLICKCOUNTER_SERVER_PORT=0',
      'CLICKCOUNTER_SERVER_THREADS=3',
      'NODE_OPTIONS=--no-warnings',
    ])
    await service.stop('SIGKILL')
    expect(existsSync(service.dataDir)).to.equal(true)
    await service.end()
    expect(existsSync(service.dataDir)).to.equal(false)
  })

  it('is never held up by what it prints', async () => {
    // More than a pipe holds.
    await script(`${LISTENING}; head -c 1000000 /dev/zero | tr '\\0' x; touch printed; exec sleep 60`)
    service = await startServiceProcess(checkout, {}, [])
    await until(() => existsSync(join(checkout, 'printed')))
  })

  it('is told with its words when it does not start', async () => {
    await script('echo no room for a journal; exit 1')
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-bench-'))
    const error = await startServiceProcess(checkout, { DATA_DIR: dataDir }, []).catch(reason => reason)
    expect(error).to.be.an('error').with.property('message').that.contains('no room for a journal')
    expect(existsSync(dataDir)).to.equal(false)
  })

  it('has as many clicks in Postgres as in its books, the last ones included', async () => {
    const measured = await startMeasuredService({ CLICK_FLUSHER_INTERVAL: '60' }, { isPinned: false })
    service = measured
    expect(await measured.totals()).to.deep.equal({ accepted: 0, stored: 0 })
    for (const banner of [1, 2, 2]) await fetch(`${measured.url}/counter/${banner}`)
    expect(await measured.totals()).to.deep.equal({ accepted: 3, stored: 3 })
  })
})
