import { readFile } from 'node:fs/promises'
import { bareFetch } from './documented-fetch.ts'
import { chooseFreePort } from './free-port.ts'
import { startHaproxy, startWholeNginx } from './front-proxies.ts'

const FOLDER = new URL('../../docker/fleet/', import.meta.url)

export interface FleetProxies {
  /** Of nginx, and of HAProxy. */
  readonly urls: readonly [string, string]
  /** How many instances HAProxy sends requests to. */
  servingCount(): Promise<number>
  end(): Promise<void>
}

/**
 * nginx and HAProxy with the configurations in docker/fleet, in front of the instances on these loopback ports. HAProxy
 * checks them so often.
 */
export async function startFleetProxies(
  instancePorts: readonly number[],
  checkIntervalMs: number,
): Promise<FleetProxies> {
  const ports = [await chooseFreePort(), await chooseFreePort(), await chooseFreePort()] as const
  const [nginxPort, haproxyPort, statisticsPort] = ports
  const nginx = await placed('nginx.conf', instancePorts, { '8080': nginxPort })
  const haproxy = await placed('haproxy.cfg', instancePorts, { '8080': haproxyPort, '8404': statisticsPort })
  await using started = new AsyncDisposableStack()
  started.adopt(await startWholeNginx(nginxPort, nginx), proxy => proxy.end())
  const sections = haproxy.replace('inter 1s', `inter ${checkIntervalMs}ms`)
  started.adopt(await startHaproxy(haproxyPort, sections), proxy => proxy.end())
  const proxies = started.move()
  return {
    urls: [`http://127.0.0.1:${nginxPort}`, `http://127.0.0.1:${haproxyPort}`],
    async servingCount() {
      const response = await bareFetch(`http://127.0.0.1:${statisticsPort}/;csv`)
      return (await response.text()).match(/^clickcounter,web-\d,.*,UP,/gm)?.length ?? 0
    },
    end: () => proxies.disposeAsync(),
  }
}

/** The configuration with the addresses of this machine in place of those of its containers. */
async function placed(
  file: string,
  instancePorts: readonly number[],
  listening: Readonly<Record<string, number>>,
): Promise<string> {
  const text = await readFile(new URL(file, FOLDER), 'utf8')
  return text
    .replace(/web-(\d):8080/g, (_, nth) => `127.0.0.1:${instancePorts[nth - 1]}`)
    .replace(
      /(listen |bind :)(\d+)/g,
      (_, word, port) => `${word === 'listen ' ? word : 'bind '}127.0.0.1:${listening[port]}`,
    )
}
