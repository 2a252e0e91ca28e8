import { lookup } from 'node:dns/promises'
import net from 'node:net'
import { StartError } from '../base/errors.ts'

const ANY_PORT_TRIES = 10

export interface HeldPort {
  /** The port to listen on; chosen by the system where 0 was asked for. */
  readonly port: number
  /** Whether several threads can listen on it. */
  readonly isReusable: boolean
  release(): Promise<void>
}

/**
 * Makes sure that nobody else serves on the port. Throws StartError when somebody does.
 *
 * The request threads share the port with SO_REUSEPORT, and the kernel would let a second service of the same
 * user share it, too. To find that service, this binds the port once without SO_REUSEPORT, which fails when
 * anyone listens. It does not listen, since a client that connected then would be accepted, and reset.
 *
 * Another start could come between this and the threads' own listening. The name of a Linux abstract
 * socket keeps it out: the name goes with the process that holds it, and is private to a network
 * namespace, as ports are. It has no host in it, since 0.0.0.0, 127.0.0.1 and localhost overlap. The
 * name is taken before the port is bound: swapped, a start that loses the name could have bound the port
 * just when the winner tries it.
 */
export function holdPort(host: string, port: number): Promise<HeldPort> {
  return port === 0 ? holdAnyPort(host, ANY_PORT_TRIES) : holdThisPort(host, port)
}

/** Somebody else can take a port between its choice and its hold. Then any other port will do. */
async function holdAnyPort(host: string, tries: number): Promise<HeldPort> {
  const port = await freePort(host)
  try {
    return await holdThisPort(host, port)
  } catch (error) {
    if (tries === 1) throw error
    return holdAnyPort(host, tries - 1)
  }
}

async function holdThisPort(host: string, wantedPort: number): Promise<HeldPort> {
  const name = await holdName(host, wantedPort)
  const release = async () => {
    if (name !== null) await close(name)
  }
  try {
    await bind(host, wantedPort)
    return { port: wantedPort, isReusable: await isReusable(host), release }
  } catch (error) {
    await release()
    throw error
  }
}

async function freePort(host: string): Promise<number> {
  const probe = await listen({ host, port: 0 }, host, 0)
  const { port } = probe.address() as net.AddressInfo
  await close(probe)
  return port
}

async function holdName(host: string, port: number): Promise<net.Server | null> {
  if (process.platform !== 'linux') return null
  return listen({ path: `\0clickcounter port ${port}` }, host, port)
}

/**
 * Binds the port and lets it go at once. Node binds without listening when it connects from a local port.
 * Nobody answers at port 0, so the attempt always fails: in the step "connect" when the port could be bound.
 */
async function bind(host: string, port: number): Promise<void> {
  const error = await addressOf(host).then(
    address => connectError({ host: address, port: 0, localAddress: address, localPort: port }),
    (error: NodeJS.ErrnoException) => error,
  )
  if (error.syscall !== 'connect') throw listenError(error, host, port)
}

/** The address that listening takes for the host. */
async function addressOf(host: string): Promise<string> {
  return (await lookup(host)).address
}

function connectError(options: net.TcpNetConnectOpts): Promise<NodeJS.ErrnoException> {
  return new Promise(resolve => net.connect(options).on('error', resolve))
}

/** Whether this platform can share a port. Tried on a port that nobody knows of. */
async function isReusable(host: string): Promise<boolean> {
  try {
    await close(await listen({ host, port: 0, reusePort: true }, host, 0))
    return true
  } catch {
    return false
  }
}

function listen(options: net.ListenOptions, host: string, port: number): Promise<net.Server> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Server>()
  // Clients are sent away: the socket only holds the port or the name. A client that
  // stayed would delay the closing.
  const server = net.createServer(connection => connection.destroy())
  server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
  server.listen(options, () => resolve(server))
  // It must not keep the process from ending.
  server.unref()
  return promise
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  const unknownHost =
    'has a host that cannot be resolved; set CLICKCOUNTER_SERVER_HOST to an address of this machine'
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is taken by another program; stop that one, or set CLICKCOUNTER_SERVER_PORT to another port',
    EACCES: 'needs privileges this user does not have; set CLICKCOUNTER_SERVER_PORT to a port above 1023',
    EADDRNOTAVAIL: 'is not on this machine; set CLICKCOUNTER_SERVER_HOST to an address of it, or to 0.0.0.0',
    ENOTFOUND: unknownHost,
    EAI_AGAIN: unknownHost,
  }
  const reason = reasons[error.code ?? ''] ?? `cannot be listened on: ${error.message}`
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new StartError('PORT_UNAVAILABLE', `${address} ${reason}`, error)
}

function close(server: net.Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}
