import { mock } from 'node:test'
import { expect } from 'chai'
import { Backoff } from '../../lib/flush/backoff.ts'

describe('the back-off', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  /** Milliseconds until the next delay is over. */
  function nextDelayMs(backoff: Backoff): number {
    let isOver = false
    backoff.fail(() => {
      isOver = true
    })
    let delayMs = 0
    for (; !isOver; delayMs++) {
      expect(backoff.isOver).to.equal(false)
      mock.timers.tick(1)
    }
    expect(backoff.isOver).to.equal(true)
    return delayMs
  }

  it('doubles from 0.1 s to 10 s', () => {
    const backoff = new Backoff(() => 0)
    const delaysMs = Array.from({ length: 10 }, () => nextDelayMs(backoff))
    expect(delaysMs).to.deep.equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
  })

  it('stays at 10 s however often it fails', () => {
    const backoff = new Backoff(() => 0)
    for (let failure = 0; failure < 5000; failure++) backoff.fail(() => {})
    expect(nextDelayMs(backoff)).to.equal(10_000)
  })

  it('shortens a delay at random, by half at the most', () => {
    for (const [random, delayMs] of [
      [0, 100],
      [0.5, 75],
      [1 - Number.EPSILON, 50],
    ] as const)
      expect(nextDelayMs(new Backoff(() => random))).to.equal(delayMs)
  })

  it('begins anew after a reset, which also ends a delay that runs', () => {
    const backoff = new Backoff(() => 0)
    for (let failure = 0; failure < 5; failure++) backoff.fail(() => expect.fail('the delay was cancelled'))
    backoff.reset()
    expect(backoff.isOver).to.equal(true)
    mock.timers.tick(20_000)
    expect(nextDelayMs(backoff)).to.equal(100)
  })

  it('has one delay at a time: a failure during one starts the next instead', () => {
    const backoff = new Backoff(() => 0)
    backoff.fail(() => expect.fail('the delay was replaced'))
    expect(nextDelayMs(backoff)).to.equal(200)
    mock.timers.tick(20_000)
  })
})
