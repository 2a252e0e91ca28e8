import { expect } from 'chai'
import { JournalError, RingFullError } from '../../../lib/base/errors.ts'
import type { Segment } from '../../../lib/journal/append/segment.ts'
import { MINUTE, newRecorder } from '../../ingest/new-recorder.ts'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { clickOf, HeldRecorder, type LaneOptions, type LaneServer, startLane, until } from './server.ts'

describe('a click that the recorder refuses', () => {
  const servers: LaneServer[] = []
  const clients: Client[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop()
    await Promise.all(servers.splice(0).map(server => server.stop()))
  })

  async function start(options: LaneOptions): Promise<{ server: LaneServer; client: Client }> {
    const server = await startLane(options)
    servers.push(server)
    const client = new Client(server.port, 'client')
    clients.push(client)
    await client.connected
    return { server, client }
  }

  const refusals: Record<string, { error: () => Error; told: string | null }> = {
    'for its journal': { error: () => new JournalError(new Error('no space left')), told: 'no space left' },
    'since the backlog is full': { error: () => new JournalError(), told: null },
    'since the ring is full': { error: () => new RingFullError(), told: null },
    'for a reason that nobody knows': {
      error: () => new TypeError('what was that?'),
      told: 'what was that?',
    },
  }
  for (const [reason, { error, told }] of Object.entries(refusals))
    it(`${reason} gets the answer that it gets without the lane, and operators are told the same`, async () => {
      const answers: string[] = []
      for (const isHotLaneOn of [true, false]) {
        const recorder = new HeldRecorder()
        const { server, client } = await start({ recorder, isHotLaneOn })
        client.send(Buffer.from(clickOf(1)))
        await until('the click', () => recorder.clicked.length === 1)
        recorder.nextTick().reject(error())
        await until('the answer', () => parseAnswers(client.received)[0]?.body.endsWith('}') ?? false)
        answers.push(
          client.received.replace(/^date: .*$/im, 'date').replace(/^x-request-id: .+$/im, 'x-request-id'),
        )
        expect(server.failures.map(failure => failure.error.message)).to.deep.equal(
          told === null ? [] : [told],
        )
        client.send(Buffer.from(clickOf(1)))
        await until('another click', () => recorder.clicked.length === 2)
        recorder.nextTick().resolve()
        await until('its answer', () => client.received.includes('204 No Content'))
        await until('both in the books', () => server.booked('requests') === 2)
        expect(server.booked('responses5xx')).to.equal(1)
      }
      expect(answers[0]).to.equal(answers[1])
    })

  it('is answered as the ones around it deserve: in their order, each with its own answer', async () => {
    const recorder = new HeldRecorder()
    const { client } = await start({ recorder })
    const outcomes: PromiseWithResolvers<void>[] = []
    for (const bannerId of [1, 2, 3, 4]) {
      client.send(Buffer.from(clickOf(bannerId)))
      // The third finds the connection held back.
      if (bannerId <= 2) {
        await until('the click', () => recorder.clicked.length === bannerId)
        outcomes.push(recorder.nextTick())
      }
    }
    outcomes[1]!.reject(new JournalError())
    outcomes[0]!.resolve()
    await until('the other clicks', () => recorder.clicked.length === 4)
    recorder.nextTick().resolve()
    const statuses = () => parseAnswers(client.received).map(({ status }) => Number(status.split(' ')[1]))
    await until('all answers', () => statuses().length === 4)
    expect(statuses()).to.deep.equal([204, 503, 204, 204])
  })

  it('for its journal is taken back, with its tick and with no other', async () => {
    const disk = { isFull: false }
    const append = () => {
      if (disk.isFull) throw new JournalError(new Error('no space left'))
    }
    const { recorder, rows } = newRecorder({ journal: { append } as unknown as Segment })
    const { client } = await start({ recorder })
    for (const isFull of [false, true, false]) {
      disk.isFull = isFull
      const before = parseAnswers(client.received).length
      client.send(Buffer.from(clickOf(1) + clickOf(1)))
      await until('two answers', () => parseAnswers(client.received).length === before + 2)
    }
    const statuses = parseAnswers(client.received).map(({ status }) => Number(status.split(' ')[1]))
    expect(statuses).to.deep.equal([204, 204, 503, 503, 204, 204])
    expect(rows(1)).to.deep.equal([[1, MINUTE, 4]])
  })

  it('by throwing at once is answered, too', async () => {
    for (const isHotLaneOn of [true, false]) {
      const record = () => {
        throw new TypeError('what was that?')
      }
      const { server, client } = await start({ recorder: { record }, isHotLaneOn })
      client.send(Buffer.from(clickOf(1)))
      await until('the answer', () => client.received !== '')
      expect(client.received).to.match(/^HTTP\/1.1 500 Internal Server Error\r\n/)
      const [, requestId] = /^x-request-id: (.+)$/im.exec(client.received)!
      expect(server.failures.map(({ error, requestId }) => [error.message, requestId])).to.deep.equal([
        ['what was that?', requestId],
      ])
    }
  })
})
