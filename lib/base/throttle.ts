/** A failure that goes on is told once in this time. */
const REPORT_INTERVAL_MS = 30_000

/** Passes failures on to `tell`, those of one kind and message only now and then. */
export function rarely<Details extends unknown[]>(
  tell: (what: string, error: Error, ...details: Details) => void,
): typeof tell {
  const lastToldMs = new Map<string, number>()
  return (what, error, ...details) => {
    const kind = `${what}: ${error.message}`
    const nowMs = performance.now()
    if (nowMs - (lastToldMs.get(kind) ?? Number.NEGATIVE_INFINITY) < REPORT_INTERVAL_MS) return
    // Messages that are all different must not fill the memory.
    if (lastToldMs.size >= 100) lastToldMs.clear()
    lastToldMs.set(kind, nowMs)
    tell(what, error, ...details)
  }
}
