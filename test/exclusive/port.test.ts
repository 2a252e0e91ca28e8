import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { StartError } from '../../lib/base/errors.ts'
import { type HeldPort, holdPort } from '../../lib/exclusive/port.ts'
import { within } from '../support/worker.ts'
import { startErrorOf, startHolder, withoutRoot } from './holders.ts'

const RELEASE_TIMEOUT_MS = 5000
const TAKEN = 'is taken by another program; stop that one, or set CLICKCOUNTER_SERVER_PORT to another port'
const UNRESOLVED =
  'has a host that cannot be resolved; set CLICKCOUNTER_SERVER_HOST to an address of this machine'

const isLinux = process.platform === 'linux'
const hasIpv6 = Object.values(networkInterfaces()).some(own => own?.some(({ family }) => family === 'IPv6'))
/** Addresses of this machine that overlap. */
const hosts = ['0.0.0.0', '127.0.0.1', 'localhost', ...(hasIpv6 ? ['::'] : [])]

describe('port', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await within(RELEASE_TIMEOUT_MS, 'release', close())
  })

  async function hold(host: string, port: number): Promise<HeldPort> {
    const held = await holdPort(host, port)
    closing.push(() => held.release())
    return held
  }

  /** A server of somebody else. The system chooses its port, unless one is given. */
  async function listen(options: net.ListenOptions): Promise<number> {
    const server = net.createServer().listen({ port: 0, ...options })
    closing.push(() => new Promise(resolve => server.close(resolve)))
    await once(server, 'listening')
    return (server.address() as net.AddressInfo).port
  }

  async function unusedPort(): Promise<number> {
    const held = await holdPort('127.0.0.1', 0)
    await held.release()
    return held.port
  }

  it('is left free for the threads to listen on, together', async () => {
    const { port, isReusable } = await hold('127.0.0.1', 0)
    expect(isReusable).to.equal(isLinux)
    for (let thread = 0; thread < 2 && isReusable; thread++)
      expect(await listen({ host: '127.0.0.1', port, reusePort: true })).to.equal(port)
  })

  it('is one that the system chooses where 0 is asked for, another each time', async () => {
    const ports = [await hold('127.0.0.1', 0), await hold('127.0.0.1', 0)].map(held => held.port)
    expect(ports[0]).to.be.within(1024, 65_535)
    expect(ports[0]).to.not.equal(ports[1])
  })

  it('can be held again after its release', async () => {
    const port = await unusedPort()
    for (let nth = 0; nth < 3; nth++) {
      const held = await holdPort('127.0.0.1', port)
      expect(held.port).to.equal(port)
      await held.release()
    }
  })

  const listeners: [who: string, options: net.ListenOptions, host: string][] = [
    ['on the same address', { host: '127.0.0.1' }, '127.0.0.1'],
    ['on all addresses', { host: '0.0.0.0' }, '127.0.0.1'],
    ['on one of all addresses', { host: '127.0.0.1' }, '0.0.0.0'],
  ]
  if (hasIpv6)
    listeners.push(
      ['on all addresses of both families', { host: '::' }, '127.0.0.1'],
      ['on an address of the other family', { host: '127.0.0.1' }, '::'],
    )
  for (const [who, options, host] of listeners)
    for (const reusePort of isLinux ? [false, true] : [false])
      it(`is refused while somebody listens ${who}${reusePort ? ', willing to share' : ''}`, async () => {
        const port = await listen({ ...options, reusePort })
        const error = await startErrorOf(() => holdPort(host, port))
        expect(error).to.be.instanceOf(StartError)
        expect(error.code).to.equal('PORT_UNAVAILABLE')
        const address = host === '::' ? `[::]:${port}` : `${host}:${port}`
        expect(error.message).to.equal(`${address} ${TAKEN}`)
      })

  it("is nobody's after a refusal", async () => {
    const port = await listen({ host: '127.0.0.1' })
    await startErrorOf(() => holdPort('127.0.0.1', port))
    await closing.pop()!()
    expect((await hold('127.0.0.1', port)).port).to.equal(port)
  })

  const wrongHosts: [host: string, reason: string][] = [
    ['no-such-host.invalid', UNRESOLVED],
    ['127.0.0.256', UNRESOLVED],
    ['192.0.2.1', 'is not on this machine; set CLICKCOUNTER_SERVER_HOST to an address of it, or to 0.0.0.0'],
  ]
  for (const [host, reason] of wrongHosts)
    it(`stops the start with a clear message for the host ${host}`, async () => {
      const error = await startErrorOf(() => holdPort(host, 8080))
      expect(error).to.be.instanceOf(StartError)
      expect(error.message).to.equal(`${host}:8080 ${reason}`)
    })

  if (isLinux) {
    it('goes to one of several starts at the same moment, whichever of its addresses they name', async () => {
      for (let round = 0; round < 20; round++) {
        const port = await unusedPort()
        const starts = [...hosts, ...hosts].map(host => hold(host, port))
        const outcomes = await Promise.allSettled(starts)
        const held = outcomes.filter(outcome => outcome.status === 'fulfilled')
        const refused = outcomes.filter(outcome => outcome.status === 'rejected')
        expect(held.map(outcome => outcome.value.isReusable)).to.deep.equal([true])
        for (const { reason } of refused) expect(reason.message).to.match(/ is taken by another program; /)
      }
    })

    it("is refused to a second process before the first one's threads listen, until that is killed", async () => {
      const port = await unusedPort()
      const first = await startHolder('port', '0.0.0.0', `${port}`)
      const second = await startHolder('port', '127.0.0.1', `${port}`)
      expect(first.line).to.equal('held')
      expect(second.line).to.equal(`StartError PORT_UNAVAILABLE 127.0.0.1:${port} ${TAKEN}`)
      await first.kill()
      expect((await hold('127.0.0.1', port)).port).to.equal(port)
    })

    it('is not listened on meanwhile: the system refuses who connects, and nobody is reset', async () => {
      const port = await unusedPort()
      let isHeld = false
      const outcomes = new Set<string>()
      const connecting = Array.from({ length: 4 }, async () => {
        while (!isHeld) outcomes.add(await connectTo(port))
      })
      for (let nth = 0; nth < 3; nth++) {
        const holder = await startHolder('port', '127.0.0.1', `${port}`)
        expect(holder.line).to.equal('held')
        await holder.kill()
      }
      isHeld = true
      await Promise.all(connecting)
      expect([...outcomes]).to.deep.equal(['ECONNREFUSED'])
    })

    it('is released although somebody has connected to its name', async () => {
      const held = await holdPort('127.0.0.1', 0)
      const connection = net.connect({ path: `\0clickcounter port ${held.port}` })
      connection.on('error', () => {})
      await once(connection, 'connect')
      await within(RELEASE_TIMEOUT_MS, 'release', held.release())
      connection.destroy()
    })

    const firstUnprivileged = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
    if (firstUnprivileged > 81)
      it('stops the start with a clear message when this user may not have it', async () => {
        const error = await withoutRoot(() => startErrorOf(() => holdPort('127.0.0.1', 81)))
        expect(error).to.be.instanceOf(StartError)
        expect(error.message).to.equal(
          '127.0.0.1:81 needs privileges this user does not have; set CLICKCOUNTER_SERVER_PORT to a port above 1023',
        )
      })
  }
})

/** How a connection ends: the code of its error, or `accepted`. */
function connectTo(port: number): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port })
  return new Promise(resolve => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
    socket.on('connect', () => {
      socket.destroy()
      resolve('accepted')
    })
  })
}
