import type { Request, ResponseToolkit } from '@hapi/hapi'
import type { Session, Sessions } from '../../access/sessions.ts'

/*
 * Browsers send a cookie whose name begins with __Host- over https alone, and no other host can set it. A cookie of the
 * plain name may have come over any connection.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const SECURE_NAME = '__Host-clickcounter'
const PLAIN_NAME = 'clickcounter'

/** The session that the request's cookies hold; null: none that is in force. */
export function sessionIn({ raw }: Request, sessions: Sessions): Session | null {
  // The secure one first: a plain one beside it may be of somebody who shares the domain.
  for (const isSecure of [true, false])
    for (const text of cookiesOf(raw.req.headers.cookie, nameOf(isSecure))) {
      const session = sessions.find(text)
      if (session?.isSecure === isSecure) return session
    }
  return null
}

/** Has the answer hand over the session, to keep until it is over. No script can read it. */
export function handOverSession(h: ResponseToolkit, session: Session, text: string, nowMs: number): void {
  h.state(nameOf(session.isSecure), text, { ...attributesOf(session), ttl: session.endsAtMs - nowMs })
}

/** Has the answer delete the session's cookie. */
export function takeSessionBack(h: ResponseToolkit, session: Session): void {
  h.unstate(nameOf(session.isSecure), attributesOf(session))
}

function nameOf(isSecure: boolean): string {
  return isSecure ? SECURE_NAME : PLAIN_NAME
}

/** Browsers send the cookie with no request that another site has caused. */
function attributesOf({ isSecure }: Session) {
  return { isSecure, isHttpOnly: true, isSameSite: 'Strict', path: '/' } as const
}

/** A client that sends several of one name has kept them for different paths: it sends the longest path first. */
function cookiesOf(header: string | undefined, name: string): string[] {
  const pairs = header?.split(';').map(pair => pair.trim()) ?? []
  return pairs.filter(pair => pair.startsWith(`${name}=`)).map(pair => pair.slice(name.length + 1))
}
