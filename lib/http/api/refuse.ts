import type { Request } from '@hapi/hapi'
import { refusalOf } from '../entrance/refusal.ts'

/** Answers for what the recorder has refused. Throws what is none of its refusals, and Hapi answers 500. */
export function refuse(request: Request, error: Error): never {
  const refusal = refusalOf(error)
  if (refusal === null) throw error
  if (error.cause !== undefined) request.log('journal', error.cause as Error)
  throw refusal
}
