/** A failure that goes on is reported once in this time. */
const REPORT_INTERVAL_MS = 30_000
/** Messages that are all different must not fill the memory. */
const MAX_REMEMBERED = 100

/** Returns a `report` that lets each kind of failure, by `what` and message, through once in `intervalMs`. */
export function throttled<Details extends unknown[]>(
  report: (what: string, error: Error, ...details: Details) => void,
  intervalMs = REPORT_INTERVAL_MS,
): typeof report {
  const lastReportMs = new Map<string, number>()
  return (what, error, ...details) => {
    const kind = `${what}: ${error.message}`
    const nowMs = performance.now()
    if (nowMs - (lastReportMs.get(kind) ?? Number.NEGATIVE_INFINITY) < intervalMs) return
    if (lastReportMs.size >= MAX_REMEMBERED) lastReportMs.clear()
    lastReportMs.set(kind, nowMs)
    report(what, error, ...details)
  }
}
