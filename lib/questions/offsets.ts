/** A time in which a zone's clocks keep one offset from UTC. `from` and `to` are seconds since the epoch, half-open. */
export interface OffsetSpan {
  readonly from: number
  readonly to: number
  /** What the clocks show, less UTC, in seconds. */
  readonly offset: number
}

const NS_PER_S = 1_000_000_000

/** The spans from one moment to another one, ascending. The first begins at `from`; the last has no end. */
export function offsetSpans(timeZone: string, from: number, to: number): readonly OffsetSpan[] {
  const spans: OffsetSpan[] = []
  let at = Temporal.Instant.fromEpochMilliseconds(from * 1000).toZonedDateTimeISO(timeZone)
  for (;;) {
    const offset = at.offsetNanoseconds / NS_PER_S
    const next = at.getTimeZoneTransition('next')
    const end = next === null ? to : next.epochMilliseconds / 1000
    const isLast = end >= to
    spans.push({ from: spans.at(-1)?.to ?? from, to: isLast ? Number.POSITIVE_INFINITY : end, offset })
    if (isLast) return spans
    at = next!
  }
}
