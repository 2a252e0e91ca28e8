import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'
export const BOT = 'Googlebot/2.1 (+http://www.google.com/bot.html)'

/** A client that is one address and, on each connection, any User-Agent. */
export interface ClickOptions {
  readonly method?: string
  /** Sent as it is; null: there is none. */
  readonly agent?: string | null
  readonly forwardedFor?: string
  readonly headers?: Readonly<Record<string, string>>
  /** On loopback. */
  readonly localAddress?: string
}

export interface ClickAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends clicks one after the other on one connection, which stays open. */
export class KeptConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  click(path: string, options: ClickOptions = {}): Promise<ClickAnswer> {
    const { method = 'GET', agent = BROWSER, forwardedFor, localAddress, headers = {} } = options
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ agent: this.#agent, host: '127.0.0.1', port: this.#port, method, path, localAddress },
          headers: {
            ...(agent === null ? {} : { 'user-agent': agent }),
            ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
            ...headers,
          },
        },
        answer => {
          let body = ''
          answer.setEncoding('latin1').on('data', piece => (body += piece))
          answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body }))
        },
      )
      sent.on('error', reject).end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
