import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseFreePort } from '../../support/free-port.ts'
import { untilAllStored } from '../../support/health.ts'
import { type ServiceProcess, startServiceProcess } from '../../support/process.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import type { Settings } from '../../support/settings.ts'
import type { OwnPostgres } from '../own-postgres.ts'

/** One place of the fleet: the process in it changes, its port and its directory stay. */
export interface Place {
  readonly name: string
  readonly port: number
  readonly dataDir: string
  readonly settings: Settings
  /** Between it and each of the database's hosts. */
  readonly links: readonly PostgresProxy[]
  service: ServiceProcess
}

/** Instances on one database, each of which can be cut off from it. */
export class Instances {
  readonly places: readonly Place[]

  private constructor(places: readonly Place[]) {
    this.places = places
  }

  static async start(count: number, hosts: readonly OwnPostgres['server'][], settings: Settings) {
    const places: Place[] = []
    for (let nth = 1; nth <= count; nth++) places.push(await openPlace(nth, hosts, settings))
    return new Instances(places)
  }

  /** Stopped in order. Resolves with the exit codes. */
  async stop(): Promise<(number | null)[]> {
    for (const { service } of this.places) service.signal('SIGTERM')
    return Promise.all(this.places.map(({ service }) => service.exited))
  }

  async untilAllStored(): Promise<void> {
    for (const { service } of this.places) await untilAllStored(service)
  }

  /** Removes what is left when no process runs any more. */
  async remove(): Promise<void> {
    for (const { links, dataDir, service } of this.places) {
      service.signal('SIGKILL')
      await service.exited
      await Promise.all(links.map(link => link.close()))
      await rm(dataDir, { recursive: true, force: true })
    }
  }
}

export async function startAgain(place: Place): Promise<void> {
  place.service = await startServiceProcess(place.settings)
}

async function openPlace(
  nth: number,
  hosts: readonly OwnPostgres['server'][],
  settings: Settings,
): Promise<Place> {
  const name = `web-${nth}`
  const port = await chooseFreePort()
  const dataDir = await mkdtemp(join(tmpdir(), `clickcounter-fleet-${nth}-`))
  const links = await Promise.all(hosts.map(startPostgresProxy))
  const own = {
    ...settings,
    DATABASE_URL: urlThrough(links),
    INSTANCE_NAME: name,
    SERVER_PORT: String(port),
    DATA_DIR: dataDir,
  }
  return { name, port, dataDir, settings: own, links, service: await startServiceProcess(own) }
}

function urlThrough(links: readonly PostgresProxy[]): string {
  const { user, password, name } = links[0]!.server
  const places = links.map(({ server: { host, port } }) => `${host}:${port}`)
  return `postgres://${user}:${encodeURIComponent(password)}@${places}/${name}`
}
