import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Deliveries } from './deliveries.ts'

const CONNECTIONS_PER_PROXY = 8
const RETRY_PAUSE_MS = 50
/** Shorter than a proxy waits for an instance: what it has passed on may still be accepted, after it was sent again. */
const HASTY_MS = 700
/** Longer than that, so that it is the proxy's answer that counts. */
const PATIENT_MS = 12_000
/** Of ten requests, so many are bulks with a key, and without one. */
const KEYED_PART = 3
const UNKEYED_PART = 2
const BULK_CLICKS = [1, 2, 3]

/** An attempt that was not acknowledged. */
export interface Failure {
  readonly sentAtMs: number
  readonly request: string
  /** The status, or the error's code. */
  readonly outcome: string
}

interface Parcel {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly bannerIds: readonly number[]
}

/** Sends clicks and bulks through the proxies in turn, and everything again that it got no answer to. */
export class Sender {
  readonly failures: Failure[] = []
  /** Whether it waits for an answer as long as the proxies do. */
  isPatient = false
  readonly #deliveries: Deliveries
  readonly #urls: readonly string[]
  readonly #random: (limit: number) => number
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS_PER_PROXY })
  readonly #loops: Promise<void>[]
  #isOver = false

  constructor(
    urls: readonly string[],
    deliveries: Deliveries,
    random: (limit: number) => number,
    requestsPerSecond: number,
  ) {
    this.#urls = urls
    this.#deliveries = deliveries
    this.#random = random
    const loops = urls.length * CONNECTIONS_PER_PROXY
    this.#loops = Array.from({ length: loops }, (_, nth) => this.#loop(nth, requestsPerSecond / loops))
  }

  /** Nothing new is sent. Resolves when everything is acknowledged. */
  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#loops)
    this.#agent.destroy()
  }

  async #loop(nth: number, perSecond: number): Promise<void> {
    const periodMs = 1000 / perSecond
    for (let dueAtMs = performance.now(); !this.#isOver; dueAtMs += periodMs) {
      const waitMs = dueAtMs - performance.now()
      if (waitMs > 0) await delay(waitMs)
      // What could not be sent in time, because nobody answered, is left out.
      else dueAtMs = performance.now()
      await this.#deliver(this.#parcel(), nth)
    }
  }

  #parcel(): Parcel {
    const kind = this.#random(10)
    if (kind < KEYED_PART) return this.#bulk({ 'idempotency-key': randomUUID() })
    if (kind < KEYED_PART + UNKEYED_PART) return this.#bulk({})
    const bannerIds = this.#deliveries.open([1], false)
    const method = kind % 2 === 0 ? 'GET' : 'POST'
    return { method, path: `/counter/${bannerIds[0]}`, headers: {}, body: '', bannerIds }
  }

  #bulk(headers: Readonly<Record<string, string>>): Parcel {
    const bannerIds = this.#deliveries.open(BULK_CLICKS, 'idempotency-key' in headers)
    const clicks = bannerIds.map((id, index) => ({ id, count: BULK_CLICKS[index] }))
    return {
      ...{ method: 'POST', path: '/counter', body: JSON.stringify({ clicks }), bannerIds },
      headers: { 'content-type': 'application/json', ...headers },
    }
  }

  async #deliver(parcel: Parcel, nth: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const url = this.#urls[(nth + attempt) % this.#urls.length]!
      const sentAtMs = Date.now()
      this.#deliveries.sent(parcel.bannerIds)
      const outcome = await this.#send(url, parcel)
      if (outcome === '202' || outcome === '204') {
        this.#deliveries.acknowledge(parcel.bannerIds, Date.now())
        return
      }
      const failure = { sentAtMs, request: `${parcel.method} ${url}${parcel.path}`, outcome }
      this.failures.push(failure)
      if (outcome === '503') this.#deliveries.refused(parcel.bannerIds)
      else if (outcome.startsWith('4')) throw new Error(JSON.stringify(failure))
      await delay(RETRY_PAUSE_MS)
    }
  }

  /** The status, or the error's code. */
  #send(url: string, { method, path, headers, body }: Parcel): Promise<string> {
    return new Promise(resolve => {
      const request = http.request(url + path, { method, headers, agent: this.#agent }, response => {
        response.resume().on('close', () => resolve(String(response.statusCode)))
      })
      request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      request.setTimeout(this.isPatient ? PATIENT_MS : HASTY_MS, () =>
        request.destroy(new Error('no answer in time')),
      )
      request.end(body)
    })
  }
}
