import Boom from '@hapi/boom'
import { BulkTooUnknownError, BulkTooWideError, JournalError, RingFullError } from '../../base/errors.ts'
import { unavailable } from './unavailable.ts'

/**
 * The answer to clicks that the recorder has refused: 503, or 413 when waiting would not help. null: the
 * error is not a refusal, but a fault of the service.
 */
export function refusalOf(error: Error): Boom.Boom | null {
  if (error instanceof BulkTooWideError || error instanceof BulkTooUnknownError)
    return Boom.entityTooLarge(error.message)
  return error instanceof RingFullError || error instanceof JournalError
    ? unavailable(error.message, 1)
    : null
}
