import { once } from 'node:events'
import http from 'node:http'
import { openConnection, requestText } from '../support/raw-http.ts'

/** What was answered, in clicks by status. */
export type Answered = Map<number, number>

/** Where a client's clicks go; each call is for the next one. */
export type NextBanner = () => number

/** Clicks in the lane, so many at once on one connection. */
const PIPELINED = 32

export function clicksWith(answered: Answered, ...statuses: number[]): number {
  return statuses.reduce((sum, status) => sum + (answered.get(status) ?? 0), 0)
}

function note(answered: Answered, status: number, clicks: number): void {
  answered.set(status, (answered.get(status) ?? 0) + clicks)
}

/**
 * Clients that send clicks in the three ways there are, each the next when it has its answer, as long as
 * `goesOn`. Resolves with all answers when the last one has come.
 */
export async function sendClicks(
  url: string,
  { nextBanner, bulkBanners, goesOn }: { nextBanner: NextBanner; bulkBanners: number; goesOn: () => boolean },
): Promise<Answered> {
  const answered: Answered = new Map()
  await using agent = closing(new http.Agent({ keepAlive: true }))
  const clients = [
    () => sendInLane(url, nextBanner, answered),
    () => sendByHapi(url, nextBanner(), agent.value, answered),
    () => sendBulk(url, Array.from({ length: bulkBanners }, nextBanner), agent.value, answered),
  ]
  await Promise.all(
    clients.map(async send => {
      while (goesOn()) await send()
    }),
  )
  return answered
}

function closing(agent: http.Agent) {
  return { value: agent, [Symbol.asyncDispose]: async () => agent.destroy() }
}

async function sendInLane(url: string, nextBanner: NextBanner, answered: Answered): Promise<void> {
  const connection = openConnection(Number(new URL(url).port))
  const requests = Array.from({ length: PIPELINED }, () =>
    requestText({ target: `/counter/${nextBanner()}` }),
  )
  connection.write(requests.join(''))
  let text = ''
  let answers = 0
  while (answers < PIPELINED) {
    const [chunk] = (await once(connection, 'data')) as [Buffer]
    text += chunk.toString('latin1')
    answers = [...text.matchAll(/HTTP\/1\.1 \d{3} /g)].length
  }
  for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) note(answered, Number(status), 1)
  connection.destroy()
}

/** A body in chunks is not for the lane. */
async function sendByHapi(
  url: string,
  bannerId: number,
  agent: http.Agent,
  answered: Answered,
): Promise<void> {
  note(answered, await post(`${url}/counter/${bannerId}`, 'x', agent), 1)
}

async function sendBulk(
  url: string,
  bannerIds: number[],
  agent: http.Agent,
  answered: Answered,
): Promise<void> {
  const body = JSON.stringify({ clicks: bannerIds.map(id => ({ id })) })
  note(answered, await post(`${url}/counter`, body, agent), bannerIds.length)
}

async function post(url: string, body: string, agent: http.Agent): Promise<number> {
  const request = http.request(url, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode!
}
