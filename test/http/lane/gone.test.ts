import { expect } from 'chai'
import { openConnection } from '../../support/raw-http.ts'
import { Client } from './client.ts'
import { clickOf, connectionCount, HeldRecorder, type LaneServer, startLane, until } from './server.ts'

describe('a client that is gone before its answer', () => {
  for (const isHotLaneOn of [true, false])
    describe(`with the hot lane ${isHotLaneOn ? 'on' : 'off'}`, () => {
      let recorder: HeldRecorder
      let server: LaneServer
      beforeEach(async () => {
        recorder = new HeldRecorder()
        server = await startLane({ recorder, isHotLaneOn })
      })
      afterEach(() => server.stop())

      it('has its click counted once, and no answer in the books', async () => {
        const gone = openConnection(server.port)
        gone.write(clickOf(1))
        const present = new Client(server.port, 'present')
        await until('the first click', () => recorder.clicked.length === 1)
        present.send(Buffer.from(clickOf(2)))
        await until('the second click', () => recorder.clicked.length === 2)
        gone.resetAndDestroy()
        await until('the server to know', () => server.sockets[0]!.destroyed)
        recorder.nextTick().resolve()
        await until('the answer', () => present.received.includes('204'))
        await until('the books', () => server.booked('requests') > 0)
        expect(recorder.clicked).to.deep.equal([1, 2])
        expect(server.booked('requests')).to.equal(1)
        expect(server.failures).to.deep.equal([])
        expect(await connectionCount(server.door)).to.equal(1)
        present.drop()
      })
    })
})
