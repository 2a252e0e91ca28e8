import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Turns } from '../../../lib/http/listener/turns.ts'

const { threadCpuUsage } = process

describe('turns of the event loop', () => {
  let turns: Turns
  /** What was done, with what happened in between. */
  let done: string[]
  let usedUs: number
  beforeEach(() => {
    turns = new Turns()
    done = []
    usedUs = 0
    process.threadCpuUsage = () => ({ user: usedUs, system: 0 })
  })
  afterEach(() => {
    process.threadCpuUsage = threadCpuUsage
  })

  function bring(client: string, pieces: number, lengthMs = 0): Promise<unknown> {
    return Promise.all(
      Array.from({ length: pieces }, async () => {
        await turns.next(client)
        usedUs += 1000 * lengthMs
        done.push(client)
      }),
    )
  }

  async function noteTurns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      await nextTurn()
      done.push('|')
    }
  }

  it('have one piece each', async () => {
    await Promise.all([bring('a', 3), noteTurns(4)])
    expect(done.join('')).to.match(/^\|?a\|a\|a\|*$/)
  })

  it('go round by client, whatever each of them has brought', async () => {
    await Promise.all([bring('a', 5), bring('b', 2), bring('c', 1)])
    expect(done.join('')).to.equal('abcabaaa')
  })

  it('have none for three times as long as a long piece took', async () => {
    const pieces = bring('a', 2, 10)
    while (done.length === 0) await nextTurn()
    const doneAtMs = performance.now()
    await pieces
    // Timers count whole milliseconds.
    expect(performance.now() - doneAtMs).to.be.at.least(29)
  })

  it('go on at once behind short ones', async () => {
    await bring('a', 1)
    const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const pieces = bring('a', 5, 0.9)
    for (let turn = 0; turn < 4; turn++) {
      await nextTurn()
      expect(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length).to.equal(timers)
    }
    await pieces
  })
})
