import { ClickCounterError } from '../base/errors.ts'

/**
 * Throws a ClickCounterError (OTHER_DATABASE) when another database answers than the one that `what` is known from: it
 * may have none, and clicks that come now wait for the right one. The ids are the databases' own.
 */
export function expectDatabase(known: string, answering: string, what: 'keys' | 'banners'): void {
  if (answering === known) return
  throw new ClickCounterError(
    'OTHER_DATABASE',
    `another database answers (${answering}) than the one that the ${what} are of (${known}): if it is the right one, start the service anew`,
  )
}
