import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect } from 'chai'
import { openLoop } from '../../bench/load/open-loop.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { needCompiler } from '../support/programs.ts'

/** Longer than any run here: a test that meets it has failed. */
const PATIENCE_SECONDS = 5

// Its client waits with Linux's epoll.
if (process.platform === 'linux') describe('open loop', openLoopTests)

function openLoopTests() {
  let server: Server
  let answer: RequestListener
  let url: string
  before(function () {
    this.timeout(120_000)
    needCompiler()
  })
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    answer = (_, response) => response.writeHead(204).end()
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  it('sends every click once, banner after banner, evenly over the time', async () => {
    const paths: (string | undefined)[] = []
    const cameAtMs: number[] = []
    answer = ({ url }, response) => {
      paths.push(url)
      cameAtMs.push(performance.now())
      response.writeHead(204).end()
    }
    const result = await openLoop(url, { ratePerSecond: 400, seconds: 0.25, banners: 3 })
    expect(paths.slice(0, 4)).to.deep.equal(['/counter/1', '/counter/2', '/counter/3', '/counter/1'])
    expect(paths.length).to.equal(100)
    expect(result).to.include({ acknowledged: 100, failed: 0 })
    expect(result.elapsedSeconds).to.be.within(0.24, 2)
    expect(result.latencyMs.length).to.equal(100)
    expect(result.answeredAtMs[99]).to.be.closeTo(Date.now(), 2000)
    expect(result.clientCores).to.be.within(0.0001, 1)
    // Neither all at once nor half of them at the end.
    expect(cameAtMs[49]! - cameAtMs[0]!).to.be.within(100, 1000)
    expect(cameAtMs[99]! - cameAtMs[0]!).to.be.within(225, 2000)
  })

  it('counts from when a click was due: a stall shows in all that it delays', async () => {
    const STALL_MS = 200
    let isStalled = false
    answer = (_, response) => {
      if (!isStalled) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
      isStalled = true
      response.writeHead(204).end()
    }
    const { acknowledged, latencyMs, sentAfterMs } = await openLoop(url, {
      ratePerSecond: 2000,
      seconds: 0.25,
      banners: 1,
    })
    expect(acknowledged).to.equal(500)
    expect(Math.max(...latencyMs)).to.be.at.least(STALL_MS - 10)
    // 200 clicks were due in the first half of the stall. Not all of them had a connection by then.
    expect(latencyMs.filter(ms => ms > STALL_MS / 2).length).to.be.at.least(190)
    // The last of the 400 clicks that were due in the stall: 128 were sent at once, the others after it.
    expect(Math.max(...sentAfterMs)).to.be.within(STALL_MS / 2, STALL_MS)
    expect(sentAfterMs.every((ms, click) => ms >= 0 && ms < latencyMs[click]!)).to.equal(true)
  })

  it('keeps the rate while answers are slow', async () => {
    answer = (_, response) => void setTimeout(() => response.writeHead(204).end(), 100)
    const result = await openLoop(url, { ratePerSecond: 500, seconds: 0.2, banners: 1 })
    expect(result).to.include({ acknowledged: 100, failed: 0 })
    expect(result.elapsedSeconds).to.be.below(2)
  })

  it('counts what is answered otherwise, and what is not answered, as failed', async () => {
    let requests = 0
    answer = ({ socket }, response) => {
      requests++
      if (requests % 10 === 0) response.writeHead(503).end('{"statusCode":503}')
      else if (requests % 10 === 1) socket.destroy()
      else response.writeHead(204).end()
    }
    const options = { ratePerSecond: 500, seconds: 0.2, banners: 1, patienceSeconds: PATIENCE_SECONDS }
    const result = await openLoop(url, options)
    expect(requests).to.equal(100)
    expect(result).to.include({ acknowledged: 80, failed: 20 })
    expect(result.latencyMs.length).to.equal(80)
    expect(result.elapsedSeconds).to.be.below(PATIENCE_SECONDS)
  })

  // As many connections as clicks: each is used once, however late an answer is.
  it('takes turns with the connections of several servers', async () => {
    const other = createServer((_, response) => response.writeHead(503).end())
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const options = { ratePerSecond: 500, seconds: 0.2, banners: 1, connections: 100 }
    const result = await openLoop([url, otherUrl], options)
    expect(result).to.include({ acknowledged: 50, failed: 50 })
    other.close()
  })

  it('closes a connection after so many clicks, opens another one in its place, and loses none', async () => {
    const clicks = new Map<Socket, number>()
    answer = ({ socket }, response) => {
      clicks.set(socket, (clicks.get(socket) ?? 0) + 1)
      response.writeHead(204).end()
    }
    const options = { ratePerSecond: 500, seconds: 0.2, banners: 1, connections: 4, clicksPerConnection: 5 }
    const result = await openLoop(url, options)
    expect(result).to.include({ acknowledged: 100, failed: 0 })
    // The first four are replaced after 1, 2, 3 and 4 clicks. 90 are left for the others, of which four do not end.
    const numbers = [...clicks.values()]
    expect(numbers.slice(0, 4).sort()).to.deep.equal([1, 2, 3, 4])
    expect(numbers.slice(4).filter(number => number !== 5)).to.have.lengthOf.at.most(4)
    expect(Math.max(...numbers)).to.equal(5)
  })

  it('has all clicks failed when nobody listens', async () => {
    const options = { ratePerSecond: 500, seconds: 0.1, banners: 1, patienceSeconds: PATIENCE_SECONDS }
    const result = await openLoop(`http://127.0.0.1:${await chooseFreePort()}`, options)
    expect(result).to.include({ acknowledged: 0, failed: 50 })
    expect(result.elapsedSeconds).to.be.below(PATIENCE_SECONDS)
  })

  it('ends in time, whatever is not answered, and sends nothing more', async () => {
    let requests = 0
    answer = () => void requests++
    const options = { ratePerSecond: 1000, seconds: 0.2, banners: 1, connections: 7, patienceSeconds: 0.1 }
    const result = await openLoop(url, options)
    expect(result).to.include({ acknowledged: 0, failed: 200 })
    expect(result.elapsedSeconds).to.be.within(0.29, 2)
    await new Promise(resolve => setTimeout(resolve, 50))
    // One on each connection; the others waited for one.
    expect(requests).to.equal(7)
  })
}
