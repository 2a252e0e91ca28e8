import { expect } from 'chai'
import { JournalError } from '../../../lib/base/errors.ts'
import { type Answer, parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { HOST } from './corpus/parts.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from './server.ts'

/** A click that is for Hapi: its body is chunked. */
const CHUNKED = `POST /counter/2 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
const HEAD = `HEAD /counter/1 HTTP/1.1\r\n${HOST}\r\n`
const WRONG = `GET /counter/0 HTTP/1.1\r\n${HOST}\r\n`
const MISTAKE = 'no request\r\n\r\n'

describe('answers of the hot lane', () => {
  let recorder: HeldRecorder
  let server: LaneServer
  let client: Client
  const statuses = () => parseAnswers(client.received).map(statusOf)

  for (const isHotLaneOn of [true, false])
    describe(isHotLaneOn ? 'with it on' : 'with it off', () => {
      beforeEach(async () => {
        recorder = new HeldRecorder()
        server = await startLane({ recorder, isHotLaneOn })
        client = new Client(server.port, 'client')
        await client.connected
      })
      afterEach(async () => {
        client.drop()
        await server.stop()
      })

      it('come in the order of the requests, whatever is waited for', async () => {
        client.send(Buffer.from(clickOf(1) + CHUNKED + clickOf(3) + HEAD + MISTAKE + clickOf(4)))
        await until('the first click', () => recorder.clicked.length === 1 || server.requests() > 1)
        recorder.nextTick().resolve()
        await until('what follows', () => recorder.clicked.length === 3)
        if (isHotLaneOn) expect(statuses()).to.deep.equal([204])
        recorder.nextTick().resolve()
        await client.closed
        expect(statuses()).to.deep.equal([204, 204, 204, 204, 400])
        expect(recorder.clicked.sort()).to.deep.equal([1, 2, 3])
      })

      it('are counted once, where several kinds of them come before what is handed over', async () => {
        const ofPage = clickOf(2).replace('\r\n\r\n', '\r\nOrigin: https://shop.example\r\n\r\n')
        client.send(Buffer.from(clickOf(1) + ofPage + CHUNKED + clickOf(3)))
        await until('the first click', () => recorder.clicked.length > 0)
        recorder.nextTick().resolve()
        await until('the last click', () => recorder.clicked.length >= 4)
        recorder.nextTick().resolve()
        client.end()
        await client.closed
        expect(statuses()).to.deep.equal([204, 204, 204, 204])
        expect(recorder.clicked.sort()).to.deep.equal([1, 2, 2, 3])
      })

      it('that are refusals wait for earlier clicks', async () => {
        client.send(Buffer.from(clickOf(1) + WRONG + clickOf(3) + WRONG))
        await until('the clicks', () => recorder.clicked.length === 2)
        await barrier()
        expect(client.received).to.equal('')
        recorder.nextTick().resolve()
        await until('all answers', () => statuses().length === 4)
        expect(statuses()).to.deep.equal([204, 400, 204, 400])
        expect(server.booked('responses4xx')).to.equal(2)
      })

      it('end with one refusal for a client that closes its half in the middle of a body', async () => {
        const ofPage = clickOf(2).replace('\r\n\r\n', '\r\nOrigin: https://shop.example\r\n\r\n')
        client.send(
          Buffer.from(`${clickOf(1)}${ofPage}POST /counter/3 HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\na`),
        )
        client.end()
        await until('the clicks', () => recorder.clicked.length === 2)
        await barrier()
        recorder.nextTick().resolve()
        await client.closed
        expect(statuses()).to.deep.equal([204, 204, 400])
        // And that of the barrier.
        expect([server.booked('requests'), server.booked('responses4xx')]).to.deep.equal([4, 1])
        expect(recorder.clicked).to.deep.equal([1, 2])
      })

      it('wait for those of earlier ticks', async () => {
        client.send(Buffer.from(clickOf(1)))
        await until('the first click', () => recorder.clicked.length === 1)
        const first = recorder.nextTick()
        client.send(Buffer.from(clickOf(2) + clickOf(3)))
        if (isHotLaneOn) {
          await until('the later clicks', () => recorder.clicked.length === 3)
          recorder.nextTick().resolve()
          await barrier()
          expect(client.received).to.equal('')
          first.reject(new JournalError())
        } else {
          first.reject(new JournalError())
          await until('the later clicks', () => recorder.clicked.length === 3)
          recorder.nextTick().resolve()
        }
        await until('all answers', () => statuses().length === 3)
        expect(statuses()).to.deep.equal([503, 204, 204])
      })

      it('are all there for a client that closed its half right behind its requests', async () => {
        client.send(Buffer.from(clickOf(1) + CHUNKED))
        client.end()
        await until('the first click', () => recorder.clicked.length > 0)
        await barrier()
        const first = recorder.nextTick()
        first.resolve()
        await until('the second', () => recorder.clicked.length === 2)
        recorder.nextTick().resolve()
        await client.closed
        expect(statuses()).to.deep.equal([204, 204])
        expect(client.fate).to.equal('ended')
      })
    })

  /** Whatever the server was about to do is done: it has answered somebody else meanwhile. */
  async function barrier(): Promise<void> {
    const other = new Client(server.port, 'another client')
    await other.connected
    other.send(Buffer.from(HEAD))
    await until('the answer', () => other.received !== '')
    other.drop()
  }
})

function statusOf({ status }: Answer): number {
  return Number(status.split(' ')[1])
}
