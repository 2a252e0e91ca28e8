import { expect } from 'chai'
import { MOST_UNANSWERED } from '../../../lib/http/listener/limits.ts'
import { openConnection, requestText } from '../../support/raw-http.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from '../lane/server.ts'

/** Their answers, behind one that is waited for, are more than a connection holds; and they come in several pieces. */
const MISTAKES = 4000
const MISTAKE = requestText({ target: '/counter/0' })

describe('a connection in the hands of the HTTP server', () => {
  let recorder: HeldRecorder
  let server: LaneServer
  beforeEach(async () => {
    recorder = new HeldRecorder()
    server = await startLane({ recorder, isHotLaneOn: false })
  })
  afterEach(() => server.stop())

  it('is read on where it was left when answers had piled up', async () => {
    const client = openConnection(server.port).resume()
    client.write(clickOf(1) + MISTAKE.repeat(MISTAKES))
    await until('the pause', () => server.sockets[0]?.isPaused() ?? false)
    expect(server.requests()).to.be.below(MISTAKES)
    recorder.nextTick().resolve()
    await until('all answers', () => server.booked('requests') === MISTAKES + 1)
    expect(server.requests()).to.equal(MISTAKES + 1)
    client.destroy()
  })

  it('has so many requests in hand and no more', async () => {
    const client = openConnection(server.port).resume()
    client.write(clickOf(1).repeat(2 * MOST_UNANSWERED + 1))
    for (let nth = 1; nth <= 2; nth++) {
      await until('the pause', () => server.sockets[0]?.isPaused() ?? false)
      expect(server.requests()).to.equal(nth * MOST_UNANSWERED)
      recorder.nextTick().resolve()
      await until('the answers', () => server.booked('requests') === nth * MOST_UNANSWERED)
    }
    await until('the last one', () => server.requests() === 2 * MOST_UNANSWERED + 1)
    client.destroy()
  })

  it('reads the body of the last one that it takes in hand', async () => {
    const client = openConnection(server.port).resume()
    const post = requestText({ method: 'POST', headers: ['Content-Length: 3'], body: 'abc' })
    client.write(clickOf(1).repeat(MOST_UNANSWERED - 1) + post)
    await until('the click', () => recorder.clicked.length === MOST_UNANSWERED)
    client.destroy()
  })
})
