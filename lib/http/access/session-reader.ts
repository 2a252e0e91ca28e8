import type { Sessions } from '../../access/sessions.ts'
import type { Forwarded } from '../entrance/forwarded.ts'
import type { SessionReader } from './admission.ts'
import { expectSameOrigin } from './same-origin.ts'
import { sessionIn } from './session-cookie.ts'

const READING = ['get', 'head']

/** Lets a request in by its session. One that may change something must also prove that it comes from our own page. */
export function sessionReader(sessions: Sessions, forwarded: Forwarded): SessionReader {
  return request => {
    const session = sessionIn(request, sessions)
    // Browsers send cookies also with what pages of others have caused.
    if (session !== null && !READING.includes(request.method)) expectSameOrigin(request, forwarded)
    return session?.key ?? null
  }
}
