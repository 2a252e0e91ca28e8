import { expect } from 'chai'
import type { FromRequestThread } from '../../lib/messages.ts'
import { KeyLink } from '../../lib/request-thread/key-link.ts'
import { newKey, openKeyring, snapshotOf } from '../support/keys.ts'
import { watch } from '../support/worker.ts'

describe("a request thread's link to main, for keys", () => {
  function newLink() {
    const sent: FromRequestThread[] = []
    const clock = { nowMs: Date.parse('2026-11-27T23:59:59.999Z') }
    const now = () => clock.nowMs
    const link = new KeyLink({ postMessage: message => sent.push(message) }, openKeyring(now), now)
    return { link, sent, clock }
  }

  it('tells of each key once a UTC day, and once more when the clock was put back', () => {
    const { link, sent, clock } = newLink()
    const days = () => sent.splice(0).map(message => (message.kind === 'keyUsed' ? message.use : null))
    for (const keyId of ['a', 'a', 'b', 'a']) link.noteUse(keyId)
    expect(days()).to.deep.equal([
      { keyId: 'a', day: '2026-11-27' },
      { keyId: 'b', day: '2026-11-27' },
    ])
    for (const [byMs, day] of [
      [1, '2026-11-28'],
      [-1, '2026-11-27'],
    ] as const) {
      clock.nowMs += byMs
      for (const keyId of ['a', 'a']) link.noteUse(keyId)
      expect(days()).to.deep.equal([{ keyId: 'a', day }])
    }
  })

  it('confirms a snapshot once it lets in by it', () => {
    const { link, sent } = newLink()
    const key = newKey(['read'])
    const found: unknown[] = []
    const port = {
      postMessage: (message: FromRequestThread) =>
        found.push(message.kind, watched.keyring.find(key.text)?.id),
    }
    const watched = new KeyLink(port, link.keyring, Date.now)
    watched.take(snapshotOf([key]))
    expect(found).to.deep.equal(['accessTaken', key.id])
    expect(sent).to.deep.equal([])
  })

  it('has each refresh wait for its own end', async () => {
    const { link, sent } = newLink()
    const [first, second] = [watch(link.refresh('change')), watch(link.refresh('unknown'))]
    expect(sent.map(message => message.kind === 'refreshAccess' && message.cause)).to.deep.equal([
      'change',
      'unknown',
    ])
    const ids = sent.map(message => (message.kind === 'refreshAccess' ? message.refreshId : 0))
    link.refreshed(ids[1]!)
    await second.done
    expect(first.isDone).to.equal(false)
    link.refreshed(ids[0]!)
    await first.done
  })
})
