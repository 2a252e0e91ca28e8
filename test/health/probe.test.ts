import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { chooseFreePort } from '../support/free-port.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { environmentOf } from '../support/settings.ts'

const PROBE = fileURLToPath(new URL('../../lib/health/probe.ts', import.meta.url))
const NO_DATABASE = 'postgresql://nobody@127.0.0.1:1/nothing'
const hasIpv6 = Object.values(networkInterfaces()).some(own => own?.some(({ family }) => family === 'IPv6'))

describe('the probe of the image', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-probe-'))
  })
  after(() => rm(directory, { recursive: true }))

  it('asks at the port of the configuration file, or of the environment, which wins', async () => {
    const port = String(await chooseFreePort())
    const [file, otherFile] = [join(directory, 'settings.yaml'), join(directory, 'other.yaml')]
    writeFileSync(file, `server: { host: 0.0.0.0, port: ${port} }`)
    writeFileSync(otherFile, 'server: { host: 127.0.0.1, port: 1 }')
    const service = await startServiceProcess({
      CONFIG_FILE: file,
      SERVER_HOST: '',
      SERVER_PORT: '',
      SERVER_THREADS: '1',
      DATABASE_URL: NO_DATABASE,
    })
    const [byFile, byEnvironment] = await Promise.all([
      probe({ CONFIG_FILE: file }),
      probe({ CONFIG_FILE: otherFile, SERVER_HOST: 'localhost', SERVER_PORT: port }),
    ])
    expect(byFile).to.deep.equal(answers('127.0.0.1', port))
    expect(byEnvironment).to.deep.equal(answers('localhost', port))
    await endService(service)
  })

  for (const [host, dialled] of hasIpv6
    ? ([
        ['::', '[::1]'],
        ['::1', '[::1]'],
      ] as const)
    : [])
    it(`asks one that listens on ${host}`, async () => {
      const server = http.createServer((request, response) =>
        response.writeHead(request.url === '/health/live' ? 200 : 404).end(),
      )
      const port = await listen(server, host)
      expect(await probe({ SERVER_HOST: host, SERVER_PORT: port })).to.deep.equal(answers(dialled, port))
      server.close()
    })

  it('says which status it got when that is not 200', async () => {
    const server = http.createServer((_, response) => response.writeHead(503).end())
    const port = await listen(server, '127.0.0.1')
    expect(await probe({ SERVER_PORT: port })).to.deep.equal({
      code: 1,
      said: `http://127.0.0.1:${port}/health/live answers 503\n`,
    })
    server.close()
  })

  const failures = [
    ['nobody', {}, /^http:\/\/127.0.0.1:\d+\/health\/live cannot be asked: .*ECONNREFUSED.*\n$/],
    [
      'a port that the service has chosen itself',
      { SERVER_PORT: '0' },
      /^CLICKCOUNTER_SERVER_PORT is 0: .*\n$/,
    ],
    [
      'wrong settings',
      { SERVER_PORT: 'x', SERVER_THREADS: 'y' },
      /^CLICKCOUNTER_SERVER_PORT is "x".*; CLICKCOUNTER_SERVER_THREADS.*\n$/,
    ],
  ] as const
  for (const [whom, settings, line] of failures)
    it(`says in one line that it cannot ask ${whom}`, async () => {
      const { code, said } = await probe({ SERVER_PORT: String(await chooseFreePort()), ...settings })
      expect(code).to.equal(1)
      expect(said).to.match(line)
    })
})

function answers(host: string, port: string) {
  return { code: 0, said: `http://${host}:${port}/health/live answers\n` }
}

async function listen(server: http.Server, host: string): Promise<string> {
  await once(server.listen(0, host), 'listening')
  return String((server.address() as AddressInfo).port)
}

/** Exit code and all that is printed. */
async function probe(settings: Record<string, string>): Promise<{ code: number; said: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CLICKCOUNTER_'))
  const child = spawn(process.execPath, [PROBE], {
    env: { ...Object.fromEntries(inherited), ...environmentOf(settings) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, said: out + err }
}
