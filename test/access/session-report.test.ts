import { expect } from 'chai'
import { Keyring } from '../../lib/access/keyring.ts'
import { sessionReport } from '../../lib/access/session-report.ts'
import { openKeyring } from '../support/keys.ts'

const nobody = { name: null, until: null }

describe('What a page learns of itself', () => {
  const unknown = new Keyring({ adminKey: null, now: Date.now })
  const closed = new Keyring({ adminKey: 'a'.repeat(32), now: Date.now })

  it('is that everybody may count, as long as it is not known if there are keys', () => {
    const report = { known: false, open: false, scopes: ['count'], ...nobody }
    expect(sessionReport(unknown, null)).to.deep.equal(report)
  })

  it('is that everybody may count and read, while there is no key', () => {
    const report = { known: true, open: true, scopes: ['count', 'read'], ...nobody }
    expect(sessionReport(openKeyring(Date.now), null)).to.deep.equal(report)
  })

  it('is that nobody may do anything without a session, while there is a key', () => {
    expect(sessionReport(closed, null)).to.deep.equal({ known: true, open: false, scopes: [], ...nobody })
  })

  it('is what its key may do, and until when', () => {
    const key = { id: 'an id', name: 'newsroom', scopes: ['read'], expiresAtMs: null } as const
    const session = { id: 'another', key, endsAtMs: Date.parse('2024-12-12T22:00Z'), isSecure: true }
    const report = { known: true, open: false, name: 'newsroom', scopes: ['read'] }
    expect(sessionReport(closed, session)).to.deep.equal({ ...report, until: '2024-12-12T22:00:00.000Z' })
  })
})
