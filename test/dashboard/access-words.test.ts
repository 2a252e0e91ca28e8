import { expect } from 'chai'
import { accessLine, isKeyWanted } from '../../lib/dashboard/page/access-words.js'
import type { Session } from '../../lib/dashboard/page/types.d.ts'

const closed: Session = { known: true, open: false, name: null, scopes: [], until: null }
const sessions: readonly (readonly [string, Partial<Session>, boolean, RegExp])[] = [
  ['an open service', { open: true, scopes: ['count', 'read'] }, false, /^$/],
  ['a closed one', {}, true, /scope read\.$/],
  ['keys that are not known yet', { known: false, scopes: ['count'] }, false, /not known yet/],
  ['a key that may read', { name: 'Ada', scopes: ['read'] }, false, /^$/],
  ['a key that may not', { name: 'Ada', scopes: ['count', 'operate'] }, false, /has not the scope read/],
]

describe('what the page says of access', () => {
  for (const [what, changes, isWanted, words] of sessions)
    it(`fits ${what}`, () => {
      const session = { ...closed, ...changes }
      expect(isKeyWanted(session)).to.equal(isWanted)
      expect(accessLine(session)).to.match(words)
    })
})
