import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { ThreadBooks } from '../../../lib/books/thread-books.ts'
import { NO_CONTENT } from '../../../lib/http/entrance/click-answers.ts'
import { leadingTo } from '../../../lib/http/entrance/redirect.ts'
import { Connection } from '../../../lib/http/lane/connection.ts'
import { TickAnswers } from '../../../lib/http/lane/tick-answers.ts'
import { type Answer, prepared } from '../../../lib/http/listener/answer.ts'
import { newRecorder } from '../../ingest/new-recorder.ts'
import { parseAnswers } from './answers.ts'

const MOVED: Answer = leadingTo('https://shop.example/', 'counted')
const REFUSED: Answer = prepared({ ...NO_CONTENT, statusCode: 503, statusText: 'Service Unavailable' })
const SHOP = 'https://shop.example'

/** A connection whose writes are kept. `isDeaf`: its client reads nothing until `drain`. */
function openConnection({ isDeaf = false } = {}) {
  const socket = new EventEmitter() as Socket
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0 && !isDeaf
  Object.assign(socket, { isPaused: () => false, pause: () => {}, write })
  const goOn = (connection: Connection) => connection.writeAnswers()
  const connection = new Connection(socket, { take: () => {}, goOn, drop: () => {} })
  return { connection, written, socket }
}

describe('clicks of one tick', () => {
  const booked: [statusCode: number, answers: number][] = []
  const books = new ThreadBooks(newRecorder().memory, 0, Date.now)
  books.answer = (statusCode, _latency, answers) => booked.push([statusCode, answers!])
  const goOn = (connection: Connection) => connection.writeAnswers()
  let answers: TickAnswers
  beforeEach(() => {
    booked.length = 0
    answers = new TickAnswers(Promise.resolve())
  })

  const said = (text: string) =>
    parseAnswers(text).map(({ status, headers }) => [
      Number(status.split(' ')[1]),
      headers.find(header => header.startsWith('access-control-allow-origin:'))!.split(': ')[1],
      headers.find(header => header.startsWith('connection:'))!.split(': ')[1],
    ])

  it('get each its own answer, in their order, with one write a connection', () => {
    const [one, other] = [openConnection(), openConnection()]
    answers.add(one.connection, NO_CONTENT, null)
    answers.add(one.connection, MOVED, null)
    answers.add(other.connection, MOVED, SHOP)
    answers.add(one.connection, MOVED, null)
    answers.add(one.connection, MOVED, SHOP)
    answers.add(one.connection, NO_CONTENT, SHOP)
    answers.settle(null, { isClosing: false, books, goOn })
    expect([one, other].map(({ written }) => written.length)).to.deep.equal([1, 1])
    expect(said(one.written[0]!)).to.deep.equal([
      [204, '*', 'keep-alive'],
      [302, '*', 'keep-alive'],
      [302, '*', 'keep-alive'],
      [302, SHOP, 'keep-alive'],
      [204, SHOP, 'keep-alive'],
    ])
    expect(said(other.written[0]!)).to.deep.equal([[302, SHOP, 'keep-alive']])
    expect(booked.reduce((sum, [, answers]) => sum + answers, 0)).to.equal(6)
    const redirects = booked.filter(([statusCode]) => statusCode === 302)
    expect(redirects.reduce((sum, [, answers]) => sum + answers, 0)).to.equal(4)
  })

  it('wait where those before them wait for the client, and keep their order', () => {
    const { connection, written, socket } = openConnection({ isDeaf: true })
    const later = new TickAnswers(Promise.resolve())
    const last = new TickAnswers(Promise.resolve())
    answers.add(connection, NO_CONTENT, null)
    later.add(connection, MOVED, null)
    last.add(connection, NO_CONTENT, SHOP)
    last.settle(null, { isClosing: false, books, goOn })
    expect(written).to.deep.equal([])
    answers.settle(null, { isClosing: false, books, goOn })
    later.settle(null, { isClosing: false, books, goOn })
    expect(written.map(said)).to.deep.equal([[[204, '*', 'keep-alive']]])
    expect(connection.isStuck).to.equal(true)
    socket.emit('drain')
    expect(written.slice(1).flatMap(said)).to.deep.equal([
      [302, '*', 'keep-alive'],
      [204, SHOP, 'keep-alive'],
    ])
    socket.emit('drain')
    expect([connection.isStuck, written.length]).to.deep.equal([false, 2])
  })

  it('are neither written nor booked for a connection that is gone', () => {
    const { connection, written, socket } = openConnection()
    answers.add(connection, NO_CONTENT, null)
    socket.emit('error', new Error('reset'))
    answers.settle(null, { isClosing: false, books, goOn })
    expect([written, booked]).to.deep.equal([[], []])
  })

  it('are refused together, whatever answer each was to get', () => {
    const { connection, written } = openConnection()
    answers.add(connection, NO_CONTENT, null)
    answers.add(connection, MOVED, SHOP)
    answers.settle(REFUSED, { isClosing: true, books, goOn })
    expect(said(written.join(''))).to.deep.equal([
      [503, '*', 'keep-alive'],
      [503, SHOP, 'close'],
    ])
    expect(booked).to.deep.equal([[503, 2]])
  })
})
