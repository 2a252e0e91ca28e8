import type { IncomingMessage } from 'node:http'
import type { Server } from '@hapi/hapi'
import { SCOPES } from '../../access/scopes.ts'
import { MAX_READ_BYTES } from '../listener/limits.ts'
import type { Admission } from './admission.ts'

/**
 * Teaches Hapi to let in who has the scope of a route: a strategy for each scope, with its name. Hapi asks it before
 * the body is read.
 */
export function addStrategies(server: Server, admission: Admission): void {
  for (const scope of SCOPES) {
    server.auth.scheme(scope, () => ({
      authenticate: async (request, h) => {
        try {
          await admission.admit(request, scope)
          return h.authenticated({ credentials: {} })
        } catch (refusal) {
          await discardBody(request.raw.req)
          throw refusal
        }
      },
    }))
    server.auth.strategy(scope, scope)
  }
}

/**
 * Resolves when the body has come, has broken off, or is longer than what is read of any body. Nothing of it is kept.
 * With an unread body, Hapi would close the connection or keep it, by how much has arrived.
 */
function discardBody(request: IncomingMessage): Promise<void> {
  // The client waits for 100 Continue, and gets the refusal instead. It may send the body all the same, or the next
  // request: nobody could tell them apart, so Node ends the connection with the answer.
  if (request.complete || request.headers.expect !== undefined) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  let bytes = 0
  request.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > MAX_READ_BYTES) resolve()
  })
  for (const event of ['end', 'close', 'error']) request.on(event, resolve)
  return promise
}
