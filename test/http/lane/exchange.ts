import { setImmediate as nextTurn } from 'node:timers/promises'
import { Turns } from '../../../lib/http/listener/turns.ts'
import { within } from '../../support/worker.ts'
import { type Answer, parseAnswers } from './answers.ts'
import { Client, type Fate } from './client.ts'

/** What is sent on one connection, and in which pieces. */
export interface Script {
  readonly name: string
  /** As latin1. */
  readonly text: string
  /** Where the pieces end but for the last one, ascending. */
  readonly cuts: readonly number[]
  /** Where the client comes from, on loopback. */
  readonly address?: string
}

/** What came of it. */
export interface Outcome {
  readonly answers: readonly Answer[]
  /** After each piece, once the server was at rest: how much had come, and whether the connection stood. */
  readonly steps: readonly string[]
  /** After the client had closed its half. */
  readonly fate: Fate
}

/**
 * After so many turns in which nothing has happened, the servers are taken to be at rest. They run in this process: once
 * it is a request's turn, it is answered within a few turns of the event loop, unless it needs a timer or Postgres.
 */
const TURNS_AT_REST = 10
/** Without any progress, before a server is given up that has not read what was sent. */
const PATIENCE_MS = 15_000
/** For the server to close, once the client has closed its half. */
const CLOSING_MS = 10_000

/** Requests of this process that have come, and wait for their turn: behind a rest, nothing happens for many turns. */
let waitingForTurn = 0
const { next } = Turns.prototype
Turns.prototype.next = function (client) {
  waitingForTurn++
  const turn = next.call(this, client)
  void turn.then(() => waitingForTurn--)
  return turn
}

/** Sends each script on a connection of its own, all at the same time, piece by piece. */
export async function exchange(port: number, scripts: readonly Script[]): Promise<Outcome[]> {
  const talks = scripts.map(script => ({
    client: new Client(port, script.name, script.address),
    pieces: piecesOf(script),
    steps: [] as string[],
  }))
  const clients = talks.map(({ client }) => client)
  await Promise.all(clients.map(client => client.connected))
  const stepCount = Math.max(...talks.map(({ pieces }) => pieces.length))
  for (let step = 0; step < stepCount; step++) {
    // A server that has said its last word is told no more: whether that reached it would be a race.
    for (const { client, pieces } of talks)
      if (step < pieces.length && client.fate === 'open') client.send(pieces[step]!)
    await untilAtRest(clients)
    for (const { client, pieces, steps } of talks)
      if (step < pieces.length) steps.push(`${parseAnswers(client.received).length} ${client.fate}`)
  }
  for (const client of clients) client.end()
  // One that stays open all the same has that for its fate.
  await within(CLOSING_MS, 'all ends', Promise.all(clients.map(client => client.closed))).catch(() => {})
  const outcomes = talks.map(({ client, steps }) => ({
    answers: parseAnswers(client.received),
    steps,
    fate: client.fate,
  }))
  for (const client of clients) client.drop()
  await untilAtRest(clients)
  return outcomes
}

function piecesOf({ text, cuts }: Script): Buffer[] {
  return [...cuts, text.length].map((end, piece) =>
    Buffer.from(text.slice(piece === 0 ? 0 : cuts[piece - 1], end), 'latin1'),
  )
}

async function untilAtRest(clients: readonly Client[]): Promise<void> {
  let lastProgress = -1
  let lastProgressAtMs = 0
  for (let turnsAtRest = 0; turnsAtRest < TURNS_AT_REST; ) {
    await nextTurn()
    const progress = clients.reduce((sum, client) => sum + client.progress, 0)
    const busy = clients.filter(client => client.isBusy)
    if (progress !== lastProgress) lastProgressAtMs = performance.now()
    else if (performance.now() - lastProgressAtMs > PATIENCE_MS)
      throw new Error(`the server goes no further with ${busy.slice(0, 3).map(client => client.name)}`)
    const isAtRest = progress === lastProgress && busy.length === 0 && waitingForTurn === 0
    turnsAtRest = isAtRest ? turnsAtRest + 1 : 0
    lastProgress = progress
  }
}
