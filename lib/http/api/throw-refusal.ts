import type { Request } from '@hapi/hapi'
import { refusalOf } from '../entrance/refusal.ts'

/**
 * Throws the answer to clicks that the recorder has refused, for Hapi to send. An error that is not a refusal
 * is thrown as it is, and Hapi answers 500.
 */
export function throwRefusal(request: Request, error: Error): never {
  const refusal = refusalOf(error)
  if (refusal === null) throw error
  if (error.cause !== undefined) request.log('journal', error.cause as Error)
  throw refusal
}
