import { readdir } from 'node:fs/promises'
import { readNumber, sumOverThreads, threadNumbers } from '../books/balance.ts'
import { raisedConditions } from '../books/conditions.ts'
import { readDurations } from '../books/durations.ts'
import { CONDITIONS } from '../memory/conditions.ts'
import { CONTROL, DATABASE_UP, HALF_COUNT, ROUTE_KINDS, type THREAD_NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { Ring } from '../ring/ring.ts'
import { addClicks } from './click-metrics.ts'
import { addFleet } from './fleet-metrics.ts'
import { ageSecondsOf, type HealthSources, journalFullInSeconds } from './report.ts'
import { Scrape } from './scrape.ts'

/**
 * The answer to a scrape, in Prometheus' text format. It is made of shared memory and of figures of the whole
 * process, so it is the same from every thread. All its clicks come from one reading of the books, so they
 * balance in each scrape.
 */
export async function metricsText({ memory, ring, config }: HealthSources): Promise<string> {
  const scrape = new Scrape()
  addClicks(scrape, memory)
  addRing(scrape, memory, ring)
  addJournal(scrape, memory, config.journal.maxBytes)
  addFlushes(scrape, memory)
  addHttp(scrape, memory)
  addForwarded(scrape, memory)
  addThreads(scrape, memory)
  addKeys(scrape, memory)
  addBanners(scrape, memory)
  addHistory(scrape, memory)
  addFleet(scrape, memory)
  addConditions(scrape, memory)
  scrape.counter(
    'clickcounter_log_lines_dropped_total',
    'Lines of the log that could not be written.',
    readNumber(memory, 'logLinesDropped'),
  )
  await addProcess(scrape, readNumber(memory, 'startedAtMs'))
  return scrape.text()
}

/** Each condition has a series, raised or not, because an alert on a missing series never fires. */
function addConditions(scrape: Scrape, memory: SharedMemory): void {
  const raised = new Set(raisedConditions(memory).map(({ name }) => name))
  scrape.gauge('clickcounter_condition', 'Whether this condition is raised; /health says how to mend it.', {
    label: 'reason',
    of: Object.fromEntries(CONDITIONS.map(name => [name, raised.has(name) ? 1 : 0])),
  })
}

function addRing(scrape: Scrape, memory: SharedMemory, ring: Ring): void {
  const half = Atomics.load(memory.i32, CONTROL.generation) % HALF_COUNT
  scrape.gauge('clickcounter_ring_slots', 'Banners that one minute has room for.', memory.maxBanners)
  scrape.gauge('clickcounter_ring_slots_used', 'Banners in the fullest minute.', ring.slotsUsed(half))
  scrape.gauge(
    'clickcounter_ring_slots_for_unknown',
    'Banners that nobody registered which one minute has room for.',
    ring.roomForUnknown,
  )
  scrape.gauge(
    'clickcounter_ring_slots_used_by_unknown',
    'Such banners in the minute that has most of them.',
    ring.slotsUsedByUnknown(half),
  )
  scrape.counter(
    'clickcounter_ring_refused_unknown_total',
    'Clicks of such banners, and of bulks with one, that found no room while others were registered.',
    sumOverThreads(memory, 'refusedUnknown'),
  )
}

function addJournal(scrape: Scrape, memory: SharedMemory, maxBytes: number): void {
  const number = (name: Parameters<typeof readNumber>[1]) => readNumber(memory, name)
  scrape.gauge('clickcounter_journal_bytes', 'Size of the journal.', number('journalBytes'))
  scrape.gauge('clickcounter_journal_max_bytes', 'Size of the journal at which clicks are refused.', maxBytes)
  scrape.gauge(
    'clickcounter_journal_full_in_seconds',
    'Time until the journal is full if it goes on growing at this rate; +Inf while it does not grow.',
    journalFullInSeconds(memory, maxBytes) ?? Number.POSITIVE_INFINITY,
  )
  scrape.gauge('clickcounter_journal_files', 'Files of the journal.', number('journalFiles'))
  scrape.gauge(
    'clickcounter_journal_oldest_age_seconds',
    'Age of the oldest click in the journal.',
    number('journalOldestMs') / 1000,
  )
  scrape.gauge(
    'clickcounter_journal_damaged_files',
    'Files of the journal that were damaged and put aside.',
    number('journalDamaged'),
  )
  scrape.gauge(
    'clickcounter_journal_kept_bytes',
    'Size of the files of stored clicks that are kept for a database that goes back.',
    number('journalKeptBytes'),
  )
}

function addFlushes(scrape: Scrape, memory: SharedMemory): void {
  const isUp = Atomics.load(memory.i32, CONTROL.databaseState) === DATABASE_UP
  scrape.gauge('clickcounter_database_up', 'Whether Postgres is reachable.', isUp ? 1 : 0)
  scrape.durations('clickcounter_flush_duration_seconds', 'Duration of the flushes that stored something.', [
    { labels: {}, totals: readDurations(memory, [memory.flushDurationsIndex]) },
  ])
  scrape.counter(
    'clickcounter_flush_rows_total',
    'Rows that flushes have written: one for each banner and minute.',
    readNumber(memory, 'flushRows'),
  )
  scrape.counter(
    'clickcounter_flush_failures_total',
    'Flushes that failed; each one is tried again.',
    readNumber(memory, 'flushFailures'),
  )
}

function addHttp(scrape: Scrape, memory: SharedMemory): void {
  const threadIndices = Array.from({ length: memory.threadCount }, (_, threadIndex) => threadIndex)
  scrape.durations(
    'clickcounter_http_request_duration_seconds',
    'Time from a request’s headers to the end of its answer, by kind of route.',
    ROUTE_KINDS.map(kind => ({
      labels: { kind },
      totals: readDurations(
        memory,
        threadIndices.map(threadIndex => memory.answerDurationsIndex(threadIndex, kind)),
      ),
    })),
  )
  scrape.counter('clickcounter_http_responses_total', 'Answers by class of their status.', {
    label: 'class',
    of: {
      '2xx': sumOverThreads(memory, 'responses2xx'),
      '3xx': sumOverThreads(memory, 'responses3xx'),
      '4xx': sumOverThreads(memory, 'responses4xx'),
      '5xx': sumOverThreads(memory, 'responses5xx'),
    },
  })
}

function addForwarded(scrape: Scrape, memory: SharedMemory): void {
  scrape.counter(
    'clickcounter_http_refused_total',
    'Connections that were closed at once, and requests that were answered with 429: their client had its share.',
    {
      label: 'what',
      of: {
        connections: sumOverThreads(memory, 'refusedConnections'),
        requests: sumOverThreads(memory, 'refusedRequests'),
      },
    },
  )
  scrape.counter(
    'clickcounter_http_malformed_forwarded_total',
    'Requests whose client was looked for and is not known: X-Forwarded-For of a trusted proxy could not be read.',
    sumOverThreads(memory, 'forwardedMalformed'),
  )
}

function addKeys(scrape: Scrape, memory: SharedMemory): void {
  const isOpen = Atomics.load(memory.i32, CONTROL.keysAreOpen) !== 0
  scrape.gauge('clickcounter_keys_open', 'Whether no key exists, so that everybody may read.', isOpen ? 1 : 0)
  scrape.gauge(
    'clickcounter_keys_in_force',
    'Keys that would let somebody in, with ADMIN_KEY.',
    readNumber(memory, 'keysInForce'),
  )
  scrape.gauge(
    'clickcounter_keys_age_seconds',
    'Time since Postgres has last confirmed the keys; +Inf while they are not known.',
    ageSecondsOf('keys', memory) ?? Number.POSITIVE_INFINITY,
  )
  scrape.counter(
    'clickcounter_keys_failed_total',
    'Wrong keys, sessions and log-ins.',
    sumOverThreads(memory, 'keysFailed'),
  )
  scrape.counter(
    'clickcounter_keys_limited_total',
    'Of these, those that were answered with 429: too many from one client.',
    sumOverThreads(memory, 'keysLimited'),
  )
}

function addBanners(scrape: Scrape, memory: SharedMemory): void {
  scrape.gauge(
    'clickcounter_banners_registered',
    'Banners that are registered, as this instance knows them.',
    readNumber(memory, 'bannersRegistered'),
  )
  scrape.gauge(
    'clickcounter_banners_age_seconds',
    'Time since Postgres has last confirmed the banners; +Inf while they are not known.',
    ageSecondsOf('banners', memory) ?? Number.POSITIVE_INFINITY,
  )
  scrape.gauge(
    'clickcounter_banners_memory_bytes',
    'Memory that the banners take, once for all request threads.',
    readNumber(memory, 'bannersBytes'),
  )
}

function addHistory(scrape: Scrape, memory: SharedMemory): void {
  const secondsSince = (name: Parameters<typeof readNumber>[1]) => {
    const ms = readNumber(memory, name)
    return ms === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Date.now() - ms) / 1000
  }
  scrape.gauge(
    'clickcounter_history_age_seconds',
    'Time since the end of what is summed up in this form; +Inf while this instance has not looked.',
    { label: 'form', of: { quarters: secondsSince('quartersUntilMs'), days: secondsSince('daysUntilMs') } },
  )
  scrape.gauge(
    'clickcounter_history_kept_seconds',
    'Time from which on clicks are kept in this form until now; +Inf while all are.',
    {
      label: 'form',
      of: { minutes: secondsSince('minutesFromMs'), quarters: secondsSince('quartersFromMs') },
    },
  )
  scrape.counter(
    'clickcounter_history_sums_alone_total',
    'Clicks that came too late for the minutes that are kept: they are in quarters or days alone.',
    readNumber(memory, 'withoutMinutesClicks'),
  )
}

function addThreads(scrape: Scrape, memory: SharedMemory): void {
  const byThread = (name: keyof typeof THREAD_NUMBER, unit = 1) => ({
    label: 'thread',
    of: Object.fromEntries(threadNumbers(memory, name).map((value, id) => [id, value * unit])),
  })
  scrape.counter(
    'clickcounter_thread_requests_total',
    'Requests that a request thread has answered.',
    byThread('requests'),
  )
  scrape.gauge(
    'clickcounter_thread_utilization_ratio',
    'Part of the last second in which a request thread was busy.',
    byThread('utilization'),
  )
  scrape.gauge(
    'clickcounter_thread_event_loop_delay_p99_seconds',
    '99th percentile of a request thread’s event loop delay in the last second.',
    byThread('eventLoopDelayP99Ms', 0.001),
  )
}

/**
 * What Prometheus' clients say of a process, for all its threads together. prom-client's own metrics are no
 * choice: in each thread they count processor time from their first scrape, so the counter would go back when
 * another thread answers.
 */
async function addProcess(scrape: Scrape, startedAtMs: number): Promise<void> {
  const { user, system } = process.cpuUsage()
  scrape.counter('process_cpu_seconds_total', 'Processor time of the process.', (user + system) / 1e6)
  scrape.gauge('process_resident_memory_bytes', 'Resident memory of the process.', process.memoryUsage.rss())
  scrape.gauge('process_start_time_seconds', 'Start of the service, since the epoch.', startedAtMs / 1000)
  const openDescriptors = await countOpenDescriptors()
  if (openDescriptors !== null) scrape.gauge('process_open_fds', 'Open file descriptors.', openDescriptors)
}

/** null when this is not Linux. It is asynchronous, because with many connections it takes a while. */
async function countOpenDescriptors(): Promise<number | null> {
  try {
    // The list has the descriptor that reads it, too.
    return (await readdir('/proc/self/fd')).length - 1
  } catch {
    return null
  }
}
