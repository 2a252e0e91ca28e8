/** @import { Session } from './types.d.ts' */

/** Whether the page asks for a key. @param {Session} session */
export function isKeyWanted({ known, open, name }) {
  return known && !open && name === null
}

/**
 * What is not shown, and why; '' when all is.
 * @param {Session} session
 */
export function accessLine(session) {
  const { known, name, scopes } = session
  if (isKeyWanted(session)) return 'Clicks are shown to everybody who has a key with the scope read.'
  if (!known)
    return 'Keys are not known yet, because the database has not answered. Clicks can be read after that.'
  if (name !== null && !scopes.includes('read')) return 'This key has not the scope read: it shows no clicks.'
  return ''
}
