import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { CONTROL, SERVICE_SERVING, SERVICE_STOPPING } from '../../../lib/memory/layout.ts'
import { bareFetch } from '../../support/documented-fetch.ts'
import { chooseFreePort } from '../../support/free-port.ts'
import { type FrontProxy, startHaproxy } from '../../support/front-proxies.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'

/** As operators write it; a plain one asks OPTIONS of the root, by HTTP/1.0. */
const CHECKS: Readonly<Record<string, string>> = {
  plain: 'option httpchk',
  uri: 'option httpchk /health/ready',
  head: 'option httpchk HEAD /health/ready',
  get: 'option httpchk GET /health/ready HTTP/1.1\n  http-check send hdr Host counter',
  health: 'option httpchk GET /health',
  options: 'option httpchk /health',
  live: 'option httpchk /health/live',
}

const all = (result: string) => Object.fromEntries(Object.keys(CHECKS).map(name => [name, result]))
const UP = { ...all('UP L7OK 200'), options: 'UP L7OK 204' }

describe("HAProxy's health checks", () => {
  let test: HttpTest
  let proxy: FrontProxy
  let statistics: string
  before(async () => {
    test = await startHttpTest()
    const port = await chooseFreePort()
    statistics = `http://127.0.0.1:${port}/;csv`
    const backends = Object.entries(CHECKS).map(
      ([name, check]) =>
        `backend ${name}\n  ${check}\n  server counter 127.0.0.1:${test.thread.port} check inter 50ms`,
    )
    const sections = [
      'defaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s',
      `frontend statistics\n  bind 127.0.0.1:${port}\n  stats enable\n  stats uri /`,
      ...backends,
    ]
    proxy = await startHaproxy(port, sections.join('\n'))
  })
  after(async () => {
    await proxy.end()
    await test.stop()
  })

  /** By backend, what the last check of its server came to. */
  async function checked(): Promise<Record<string, string>> {
    const [header, ...lines] = (await (await bareFetch(statistics)).text()).split('\n')
    const columns = header!.replace('# ', '').split(',')
    const rows = lines.map(line => Object.fromEntries(line.split(',').map((text, at) => [columns[at], text])))
    return Object.fromEntries(
      rows
        .filter(({ svname }) => svname === 'counter')
        .map(row => [row.pxname, `${row.status!.split(' ')[0]} ${row.check_status} ${row.check_code}`]),
    )
  }

  /** Until each server stands as expected. */
  async function expectChecked(expected: Record<string, string>): Promise<void> {
    const patience = AbortSignal.timeout(10_000)
    let last = await checked()
    while (!patience.aborted && !isDeepStrictEqual(last, expected)) last = await checked()
    expect(last).to.deep.equal(expected)
  }

  it('find it up while clicks are taken', () => expectChecked(UP))

  it('find it down while clicks are not, but for the one that asks whether it lives', async () => {
    const state = (value: number) => Atomics.store(test.thread.memory.i32, CONTROL.serviceState, value)
    state(SERVICE_STOPPING)
    await expectChecked({ ...all('DOWN L7STS 503'), live: 'UP L7OK 200' })
    state(SERVICE_SERVING)
    await expectChecked(UP)
  })
})
