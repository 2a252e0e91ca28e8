import { expect } from 'chai'
import type { FromRequestThread } from '../../lib/messages.ts'
import { KeyLink } from '../../lib/request-thread/key-link.ts'
import { Refreshes } from '../../lib/request-thread/refreshes.ts'
import { newKey, openKeyring, snapshotOf } from '../support/keys.ts'

describe("a request thread's link to main, for keys", () => {
  function newLink() {
    const sent: FromRequestThread[] = []
    const clock = { nowMs: Date.parse('2026-11-27T23:59:59.999Z') }
    const now = () => clock.nowMs
    const port = { postMessage: (message: FromRequestThread) => sent.push(message) }
    const link = new KeyLink(port, new Refreshes(port), openKeyring(now), now)
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
    const watched = new KeyLink(port, new Refreshes(port), link.keyring, Date.now)
    watched.take(snapshotOf([key]))
    expect(found).to.deep.equal(['taken', key.id])
    expect(sent).to.deep.equal([])
  })
})
