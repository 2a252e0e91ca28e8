import Boom from '@hapi/boom'
import { BulkTooWideError, JournalError, RingFullError } from '../../base/errors.ts'
import { unavailable } from './unavailable.ts'

/**
 * The answer to clicks that the recorder has not counted: 503, or 413 where no waiting would help. null: it has not
 * refused them, it has failed.
 */
export function refusalOf(error: Error): Boom.Boom | null {
  if (error instanceof BulkTooWideError) return Boom.entityTooLarge(error.message)
  return error instanceof RingFullError || error instanceof JournalError
    ? unavailable(error.message, 1)
    : null
}
