import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Client } from './client.ts'
import { HOST } from './corpus/parts.ts'
import { holdsAnswers } from './server.ts'

/** The lane reads on while so many clicks wait for their answers. */
const REQUESTS_AT_A_TIME = 500

/** Refused by the lane. Its answer is ten times as long, and names `nth`. */
export function wrongRequest(nth: number): string {
  return `GET /counter/deaf/${nth} HTTP/1.1\r\n${HOST}\r\n`
}

/** Whether the answer to `wrongRequest(nth)` has come. To look for it costs less than to parse all of them. */
export function hasAnswer(client: Client, nth: number): boolean {
  return client.received.includes(`/deaf/${nth}\\"`, client.received.length - 2000)
}

/** The kernel may take more for a while: it gives a connection more memory as it goes. */
const TURNS_AT_REST = 100

/**
 * Makes a client stop reading and go on sending, until its answers fill the kernel's buffers and wait in the
 * server. `socket`: the server's side. `request`: makes the nth of them. Nothing waits unread. Returns how many
 * requests it has sent.
 */
export async function deafen(client: Client, socket: Socket, request = wrongRequest): Promise<number> {
  client.stopReading()
  let sentBytes = socket.bytesRead
  let sent = 0
  for (let turns = 0; turns < TURNS_AT_REST; turns = holdsAnswers(socket) ? turns + 1 : 0) {
    // Answers are written at the end of the turn, perhaps after this function goes on.
    for (let turn = 0; turn < 2; turn++) await nextTurn()
    if (socket.bytesRead < sentBytes || holdsAnswers(socket)) continue
    const requests = Array.from({ length: REQUESTS_AT_A_TIME }, () => request(sent++)).join('')
    client.send(Buffer.from(requests))
    sentBytes += requests.length
  }
  return sent
}
