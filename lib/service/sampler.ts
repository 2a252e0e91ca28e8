import { type Sample, writeSample } from '../books/samples.ts'
import { type HealthSources, healthReport } from '../health/report.ts'
import { SECONDS_BEFORE, sampleOf } from '../health/sample.js'

const SECOND_MS = 1000

/**
 * Writes a sample of /health into shared memory at the beginning of each second, so that whoever opens a dashboard
 * sees the last 15 minutes. A second that passes while this thread is busy has no sample.
 */
export function startSampler(sources: HealthSources): { stop(): void } {
  let timer: NodeJS.Timeout
  let before: Sample[] = []
  const untilNextSecond = (nowMs: number) => {
    timer = setTimeout(sample, SECOND_MS - (nowMs % SECOND_MS))
  }
  const sample = () => {
    const nowMs = Date.now()
    // Before the work. A timer may come a millisecond early: if the second then ended during the work, a timer that is
    // set after it would pass over the second that has just begun.
    untilNextSecond(nowMs)
    const atSeconds = Math.floor(nowMs / SECOND_MS)
    // Not that of the same second, when a timer was early, nor those of the future, when the clock was put back.
    before = before.filter(each => each.atSeconds < atSeconds && each.atSeconds >= atSeconds - SECONDS_BEFORE)
    const latest = sampleOf(healthReport(sources, nowMs), atSeconds, before)
    before.push(latest)
    writeSample(sources.memory, latest)
  }
  untilNextSecond(Date.now())
  return { stop: () => clearTimeout(timer) }
}
