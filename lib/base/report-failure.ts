/**
 * Tells operators of a failure for a reason that is not a client's. `what` is a sentence for the log.
 * `requestId` is null when the failure was not over a single request.
 */
export type ReportFailure = (what: string, error: Error, requestId: string | null) => void
