import http from 'node:http'

/** Where a click on the banner leads; its status, where it leads nowhere. */
export function follow(url: string, bannerId: number, agent?: http.Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = http.get(`${url}/click/${bannerId}`, agent === undefined ? {} : { agent })
  request.once('response', answer => {
    answer.resume().once('end', () => resolve(answer.headers.location ?? String(answer.statusCode)))
  })
  request.once('error', reject)
  return promise
}

/** Connections that the kernel spreads over the threads of a service. */
export class Visitors {
  readonly #agents: readonly http.Agent[]
  readonly #url: string

  constructor(url: string, connections: number) {
    this.#url = url
    this.#agents = Array.from(
      { length: connections },
      () => new http.Agent({ keepAlive: true, maxSockets: 1 }),
    )
  }

  /** Where a click leads, each answer once. */
  async follow(bannerId: number): Promise<string[]> {
    const answers = await Promise.all(this.#agents.map(agent => follow(this.#url, bannerId, agent)))
    return [...new Set(answers)]
  }

  leave(): void {
    for (const agent of this.#agents) agent.destroy()
  }
}

/** Registers or changes a banner by HTTP. Resolves when the service has answered. */
export async function putBanner(url: string, key: string, id: number, target: string): Promise<void> {
  const answer = await fetch(`${url}/banners/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a banner', target }),
  })
  await answer.text()
  if (!answer.ok) throw new Error(`PUT was answered with ${answer.status}`)
}
