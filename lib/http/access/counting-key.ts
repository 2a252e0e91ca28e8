import type { ThreadAccess } from '../../access/thread-access.ts'
import { MAX_KEY_LENGTH } from './admission.ts'
import { bearerOf } from './authorization.ts'

/**
 * Makes what says whether an Authorization header has a key in force that clicks may be counted with. Anybody else's is
 * no mistake: single clicks need no key.
 */
export function countingKeyFinder(access: ThreadAccess): (authorization: string) => boolean {
  return authorization => {
    const text = bearerOf(authorization)
    if (text === null || text.length > MAX_KEY_LENGTH) return false
    const key = access.keyring.find(text)
    if (key === null || !key.scopes.includes('count')) return false
    access.noteUse(key.id)
    return true
  }
}
