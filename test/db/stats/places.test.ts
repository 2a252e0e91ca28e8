import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Places } from '../../../db/stats/places.ts'

describe('places for answers', () => {
  let places: Places
  let taken: string[]
  beforeEach(() => {
    places = new Places(4)
    taken = []
  })

  /** Returns what ends the wait. */
  function ask(name: string): AbortController {
    const waiting = new AbortController()
    places.take({ client: name[0]!, signal: waiting.signal }).then(
      () => taken.push(name),
      ({ message }) => taken.push(`${name} ${message}`),
    )
    return waiting
  }

  async function expectTaken(...names: string[]): Promise<void> {
    await nextTurn()
    expect(taken).to.deep.equal(names)
    taken = []
  }

  it('are left to others by who asks much', async () => {
    for (const name of ['a1', 'a2', 'a3', 'a4']) ask(name)
    await expectTaken('a1', 'a2')
    ask('b1')
    await expectTaken('b1')
    ask('c1')
    await expectTaken('c1')
  })

  it('go round by client among those who wait', async () => {
    for (const name of ['a1', 'b1', 'c1', 'd1']) ask(name)
    await expectTaken('a1', 'b1', 'c1', 'd1')
    for (const name of ['a2', 'a3', 'e1', 'e2']) ask(name)
    places.giveBack('b')
    await expectTaken('e1')
    places.giveBack('a')
    await expectTaken('a2')
    places.giveBack('c')
    places.giveBack('d')
    await expectTaken('e2')
    places.giveBack('e')
    places.giveBack('e')
    await expectTaken('a3')
  })

  it('are not kept for who has gone', async () => {
    for (const name of ['a1', 'b1', 'c1', 'd1']) ask(name)
    const gone = ask('e1')
    ask('e2')
    await expectTaken('a1', 'b1', 'c1', 'd1')
    gone.abort(new Error('has gone'))
    await expectTaken('e1 has gone')
    places.giveBack('a')
    await expectTaken('e2')
    const early = new AbortController()
    early.abort(new Error('went'))
    const error = await places.take({ client: 'f', signal: early.signal }).then(
      () => null,
      (error: Error) => error,
    )
    expect(error?.message).to.equal('went')
  })
})
