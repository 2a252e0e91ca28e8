import Boom from '@hapi/boom'
import type { Request, ResponseToolkit } from '@hapi/hapi'
import type { KeyStore } from '../../../../db/access/key-store.ts'
import { sessionReport } from '../../../access/session-report.ts'
import type { Session, Sessions } from '../../../access/sessions.ts'
import type { ThreadAccess } from '../../../access/thread-access.ts'
import type { Admission } from '../../access/admission.ts'
import { unknownKeys } from '../../access/refusals.ts'
import { expectSameOrigin } from '../../access/same-origin.ts'
import { handOverSession, sessionIn, takeSessionBack } from '../../access/session-cookie.ts'
import type { Forwarded } from '../../entrance/forwarded.ts'
import { readBody, unreadAnything } from '../body.ts'
import { readJson, unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { withoutDatabase } from '../without-database.ts'
import { LOG_OUT_UNAVAILABLE, logIn, logOut, readSession } from './session-operations.ts'

const BODY = { maxBytes: 4096, example: '{"key":"cck_…"}' }

export interface SessionRoutesOptions {
  readonly access: ThreadAccess
  readonly sessions: Sessions
  readonly admission: Pick<Admission, 'admit' | 'find'>
  readonly forwarded: Forwarded
  /** Records in Postgres that a session was logged out. */
  readonly keys: KeyStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** /session: what a page may do, logging in with a key, and logging out. */
export function sessionRoutes(options: SessionRoutesOptions): Route[] {
  const { access, sessions, admission, forwarded, now } = options
  const answer = (h: ResponseToolkit, session: Session | null) =>
    h.response(sessionReport(access.keyring, session)).header('cache-control', 'no-store')
  return [
    {
      method: 'GET',
      path: '/session',
      options: { plugins: { operation: readSession } },
      handler: (request, h) => answer(h, sessionIn(request, sessions)),
    },
    {
      method: 'POST',
      path: '/session',
      options: { payload: unreadJson('application/json'), plugins: { operation: logIn } },
      handler: async (request, h) => {
        const text = keyIn(await readJson(request, BODY))
        // Otherwise a page of somebody else could log its visitors in with a key of its own.
        expectSameOrigin(request, forwarded)
        const key = admission.find(text, request)
        const begun = sessions.begin(key, cameByHttps(request, forwarded))
        if (begun === null) throw unknownKeys()
        access.noteUse(key.id)
        handOverSession(h, begun.session, begun.text, now())
        return answer(h, begun.session)
      },
    },
    {
      method: 'DELETE',
      path: '/session',
      options: { payload: unreadAnything, plugins: { operation: logOut } },
      handler: async (request, h) => {
        if (request.payload) await readBody(request, BODY.maxBytes)
        const session = sessionIn(request, sessions)
        if (session !== null) {
          expectSameOrigin(request, forwarded)
          // First, so that this browser forgets the session also when nobody can record its end.
          takeSessionBack(h, session)
          await record(session, request, options)
        }
        return answer(h, null)
      },
    },
  ]
}

/** Resolves when the session is over in all threads of this instance. Rejects with 503 when that is not recorded. */
async function record(
  session: Session,
  request: Request,
  { access, keys }: SessionRoutesOptions,
): Promise<void> {
  try {
    await keys.endSession(session)
  } catch (error) {
    throw withoutDatabase(request, error, LOG_OUT_UNAVAILABLE)
  }
  // After the record, which it has main read.
  await access.refresh('change')
}

function keyIn(body: unknown): string {
  const isRight = typeof body === 'object' && body !== null && Object.keys(body).join() === 'key'
  const key = isRight ? (body as { key: unknown }).key : null
  // The body is not repeated: a key may be in it.
  if (typeof key !== 'string') throw Boom.badRequest(`the body must be of the form ${BODY.example}`)
  return key
}

/** Browsers name the address of the page that logs in, also where no proxy says that it came by https. */
function cameByHttps({ raw }: Request, forwarded: Forwarded): boolean {
  return forwarded.isHttps(raw.req) || (raw.req.headers.origin?.startsWith('https://') ?? false)
}
