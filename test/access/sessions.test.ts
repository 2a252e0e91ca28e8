import { expect } from 'chai'
import { Keyring } from '../../lib/access/keyring.ts'
import { Sessions } from '../../lib/access/sessions.ts'
import type { AccessSnapshot, HashedKey } from '../../lib/access/snapshot.ts'

const HOUR_MS = 3_600_000
const NOON_MS = Date.parse('2024-12-12T12:00:00Z')

const key: HashedKey = {
  id: crypto.randomUUID(),
  name: 'Ada',
  scopes: ['read'],
  expiresAtMs: null,
  hash: 'a',
}
const other: HashedKey = { ...key, id: crypto.randomUUID(), hash: 'b' }
const snapshot: AccessSnapshot = {
  database: 'one',
  token: '1',
  keys: [key, other],
  sessionSecret: 's'.repeat(43),
  endedSessions: [],
}

describe('Sessions', () => {
  const clock = { nowMs: NOON_MS }
  let keyring: Keyring
  let sessions: Sessions
  const know = (changes: Partial<AccessSnapshot>) => keyring.replace({ ...snapshot, ...changes })
  beforeEach(() => {
    clock.nowMs = NOON_MS
    keyring = new Keyring({ adminKey: null, now: () => clock.nowMs })
    sessions = new Sessions(keyring, () => clock.nowMs)
    know({})
  })

  for (const isSecure of [true, false])
    it(`stand for their key on each instance, ${isSecure ? 'secure' : 'not secure'}`, () => {
      const { session, text } = sessions.begin(key, isSecure)!
      const elsewhere = new Keyring({ adminKey: null, now: () => clock.nowMs })
      elsewhere.replace({ ...snapshot, token: '2' })
      const found = new Sessions(elsewhere, () => clock.nowMs).find(text)
      expect(found).to.deep.equal(session)
      expect(found).to.deep.include({ key, isSecure, endsAtMs: NOON_MS + 12 * HOUR_MS })
    })

  it('are of one begin each, and their text holds nothing of the key but its id', () => {
    const [first, second] = [sessions.begin(key, true)!, sessions.begin(key, true)!]
    expect(first.session.id)
      .to.match(/^[\w-]{22}$/)
      .and.not.equal(second.session.id)
    expect(first.text)
      .to.match(/^[\w.-]+$/)
      .and.not.include('Ada')
  })

  it('are over after 12 hours, and when their key expires before', () => {
    const { text } = sessions.begin(key, true)!
    const short = { ...key, expiresAtMs: NOON_MS + HOUR_MS }
    know({ keys: [short] })
    const { session, text: shortText } = sessions.begin(short, true)!
    expect(session.endsAtMs).to.equal(short.expiresAtMs)
    clock.nowMs = NOON_MS + HOUR_MS - 1
    expect(sessions.find(shortText)).not.to.equal(null)
    clock.nowMs++
    expect(sessions.find(shortText)).to.equal(null)
    know({})
    expect(sessions.find(text)).not.to.equal(null)
    clock.nowMs = NOON_MS + 12 * HOUR_MS
    expect(sessions.find(text)).to.equal(null)
  })

  it('are over when they are logged out, and when their key is gone', () => {
    const { session, text } = sessions.begin(key, true)!
    const { text: otherText } = sessions.begin(key, true)!
    know({ endedSessions: [session] })
    expect([sessions.find(text), sessions.find(otherText)?.key]).to.deep.equal([null, key])
    know({ keys: [other] })
    expect([sessions.find(text), sessions.find(otherText)]).to.deep.equal([null, null])
  })

  it('are over when the secret is another one', () => {
    const { text } = sessions.begin(key, true)!
    know({ sessionSecret: 't'.repeat(43) })
    expect(sessions.find(text)).to.equal(null)
  })

  it('have the scopes that their key has now', () => {
    const { text } = sessions.begin(key, true)!
    know({ keys: [{ ...key, scopes: ['count'] }] })
    expect(sessions.find(text)?.key.scopes).to.deep.equal(['count'])
  })

  it('are forged by no change of a single character, and by no cut', () => {
    const { text } = sessions.begin(key, false)!
    for (let index = 0; index < text.length; index++) {
      const changed = [...'.-_Az09ps'].filter(character => character !== text[index])
      for (const character of changed)
        expect(sessions.find(text.slice(0, index) + character + text.slice(index + 1))).to.equal(null)
      expect(sessions.find(text.slice(0, index)), 'cut').to.equal(null)
      expect(sessions.find(text.slice(index + 1)), 'beheaded').to.equal(null)
    }
    for (const longer of [`${text}A`, `${text}.`, ` ${text}`, `${text}\n`, `"${text}"`, `${text}.${text}`])
      expect(sessions.find(longer)).to.equal(null)
  })

  it('are forged by no part of another session', () => {
    const mine = sessions.begin(key, false)!.text.split('.')
    clock.nowMs += HOUR_MS
    const theirs = sessions.begin(other, true)!.text.split('.')
    const { length } = mine
    for (let choice = 1; choice < 2 ** length - 1; choice++) {
      const mixed = mine.map((part, index) => (choice & (1 << index) ? theirs[index] : part))
      expect(sessions.find(mixed.join('.'))).to.equal(null)
    }
  })

  it('cannot begin, and none is found, before the secret is known', () => {
    const { text } = sessions.begin(key, true)!
    const unknown = new Sessions(new Keyring({ adminKey: 'a'.repeat(32), now: Date.now }), Date.now)
    expect([unknown.begin(key, true), unknown.find(text)]).to.deep.equal([null, null])
  })
})
