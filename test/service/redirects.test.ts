import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { putBanner } from './banners-support.ts'

const ADMIN_KEY = 'an_admin_key_of_forty_characters_or_so__'
const BANNER = 7
const CONNECTIONS = 20
/** Of one connection, at a time. */
const REQUESTS = 10
const STEP_MS = 10
const SECONDS = 3
const REQUEST = `GET /click/${BANNER} HTTP/1.1\r\nHost: counter\r\n\r\n`

/** A target that says which one it is at both its ends, each of another length. */
function targetOf(change: number): string {
  return `https://shop.example/${change}/${'a'.repeat((change * 97) % 1500)}/${change}`
}

/** The number of a target; null: the text is no whole one. */
function changeOf(location: string): number | null {
  const change = Number(/^https:\/\/shop\.example\/(\d+)\//.exec(location)?.[1])
  return location === targetOf(change) ? change : null
}

/** How far the changes are: those that have begun, and those that are in force. */
interface Progress {
  begun: number
  inForce: number
}

/** Follows one banner on a connection, and finds answers that were wrong when they came. */
class Follower {
  readonly #progress: Progress
  readonly #socket: Socket
  /** The change that was in force when each request without an answer was sent, oldest first. */
  readonly #sent: number[] = []
  #received = ''
  followed = 0
  readonly wrong: string[] = []
  readonly seen = new Set<number>()
  onAnswer: () => void = () => {}

  constructor(url: string, progress: Progress) {
    this.#progress = progress
    this.#socket = connect(Number(new URL(url).port), '127.0.0.1')
    this.#socket.setEncoding('latin1').on('data', text => this.#take(String(text)))
    this.#socket.on('error', error => this.wrong.push(error.message))
  }

  get waiting(): number {
    return this.#sent.length
  }

  send(): void {
    for (let nth = 0; nth < REQUESTS; nth++) this.#sent.push(this.#progress.inForce)
    this.#socket.write(REQUEST.repeat(REQUESTS))
  }

  leave(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    const heads = (this.#received + text).split('\r\n\r\n')
    this.#received = heads.pop()!
    for (const head of heads) this.#judge(head)
    this.onAnswer()
  }

  #judge(head: string): void {
    const inForceAtFirst = this.#sent.shift()!
    const change = changeOf(/^location: (.*)$/m.exec(head)?.[1] ?? '')
    const isRight = change !== null && change >= inForceAtFirst && change <= this.#progress.begun
    if (!isRight)
      this.wrong.push(`${head.slice(0, 100)} between ${inForceAtFirst} and ${this.#progress.begun}`)
    if (head.startsWith('HTTP/1.1 302 ')) this.followed++
    if (change !== null) this.seen.add(change)
  }
}

describe('redirects while their target changes', () => {
  let database: TestDatabase
  let service: ServiceProcess
  before(async () => {
    database = await createTestDatabase()
    service = await startServiceProcess({ DATABASE_URL: database.url, SERVER_THREADS: '2', ADMIN_KEY })
  })
  after(() => database.drop())

  it('lead to the old or to the new one, whole, and to no old one once the change is answered; each click counts', async function () {
    this.timeout(60_000)
    const progress = { begun: 0, inForce: 0 }
    const { url } = service
    await putBanner(url, ADMIN_KEY, BANNER, targetOf(0))
    const followers = Array.from({ length: CONNECTIONS }, () => new Follower(url, progress))
    const startedAtMs = performance.now()
    const { sent, done } = followAll(followers)
    while (performance.now() - startedAtMs < SECONDS * 1000) {
      progress.begun++
      await putBanner(url, ADMIN_KEY, BANNER, targetOf(progress.begun))
      progress.inForce = progress.begun
    }
    await done
    const seconds = (performance.now() - startedAtMs) / 1000
    const followed = followers.reduce((sum, follower) => sum + follower.followed, 0)
    console.log(`      ${Math.round(followed / seconds)} redirects a second over ${progress.begun} changes`)
    expect(followers.flatMap(({ wrong }) => wrong).slice(0, 5)).to.deep.equal([])
    expect(followed).to.equal(sent())
    const seen = new Set(followers.flatMap(follower => [...follower.seen]))
    expect(seen.size, 'targets that were seen').to.be.above(progress.begun / 2)
    for (const follower of followers) follower.leave()
    expect(await stopService(service)).to.equal(0)
    expect(await database.totalClicks()).to.equal(sent())
  })
})

/** Has all of them send at an even rate. `done` resolves when the last answer has come. */
function followAll(followers: readonly Follower[]) {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const steps = (SECONDS * 1000) / STEP_MS
  const startedAtMs = performance.now()
  let step = 0
  const timer = setInterval(() => {
    const due = Math.min(steps, Math.floor((performance.now() - startedAtMs) / STEP_MS))
    for (; step < due; step++) for (const follower of followers) follower.send()
    if (step === steps) clearInterval(timer)
  }, STEP_MS)
  for (const follower of followers)
    follower.onAnswer = () => {
      if (step === steps && followers.every(({ waiting }) => waiting === 0)) resolve()
    }
  return { sent: () => step * followers.length * REQUESTS, done }
}
