import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { BUCKET_TOPS_MS } from '../../../lib/books/durations.ts'
import { CONTROL, DATABASE_DOWN } from '../../../lib/memory/layout.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { expectNoLess, scrape } from '../../support/metrics.ts'
import { prometheusTool } from '../../support/prometheus.ts'
import { startIdleThread } from '../../support/thread.ts'

describe('metrics', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  it('are text of version 0.0.4 that nobody keeps, and promtool has nothing to say about', async function () {
    // Where promtool is fetched first.
    this.timeout(180_000)
    const response = await fetch(`${test.thread.url}/metrics`)
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).to.equal('no-store')
    const promtool = spawn(await prometheusTool('promtool'), ['check', 'metrics'])
    promtool.stdin.end(await response.text())
    const said = await Promise.all([text(promtool.stdout), text(promtool.stderr), once(promtool, 'close')])
    expect(said).to.deep.equal(['', '', [0, null]])
  })

  it('say the same as /health', async () => {
    for (const id of [1, 2, 2, 'x']) await fetch(`${test.thread.url}/counter/${id}`)
    await fetch(`${test.thread.url}/counter/3`, { headers: { purpose: 'prefetch' } })
    await test.thread.flush()
    await fetch(`${test.thread.url}/counter/4`)
    const { clicks, ring, journal, flush, http, threads } = await test.health()
    const samples = await scrape(test.thread.url)
    const expected = {
      clickcounter_clicks_accepted_total: clicks.accepted,
      clickcounter_clicks_stored_total: clicks.stored,
      clickcounter_clicks_pending: clicks.pending,
      clickcounter_clicks_lost_total: clicks.lost,
      'clickcounter_clicks_refused_total{reason="journal"}': clicks.refused.journal,
      'clickcounter_clicks_refused_total{reason="full"}': clicks.refused.full,
      'clickcounter_clicks_ignored_total{reason="prefetch"}': clicks.ignored.prefetch,
      'clickcounter_clicks_ignored_total{reason="unknown"}': clicks.ignored.unknown,
      'clickcounter_clicks_ignored_total{reason="inactive"}': clicks.ignored.inactive,
      clickcounter_ring_slots: ring.slots,
      clickcounter_ring_slots_used: ring.slotsUsed,
      clickcounter_ring_slots_for_unknown: ring.slotsForUnknown,
      clickcounter_ring_slots_used_by_unknown: ring.slotsUsedByUnknown,
      clickcounter_ring_refused_unknown_total: ring.refusedUnknown,
      clickcounter_journal_bytes: journal.bytes,
      clickcounter_journal_files: journal.files,
      clickcounter_journal_oldest_age_seconds: journal.oldestSeconds,
      clickcounter_journal_damaged_files: journal.damaged,
      clickcounter_journal_kept_bytes: journal.keptBytes,
      clickcounter_database_up: 1,
      clickcounter_flush_duration_seconds_count: 1,
      clickcounter_flush_rows_total: 2,
      clickcounter_flush_failures_total: flush.failures,
      'clickcounter_http_refused_total{what="connections"}': http.refused.connections,
      'clickcounter_http_refused_total{what="requests"}': http.refused.requests,
      clickcounter_http_malformed_forwarded_total: http.malformedForwarded,
      // The request for /health came after what it tells.
      'clickcounter_http_responses_total{class="2xx"}': http.responses['2xx'] + 1,
      'clickcounter_http_responses_total{class="3xx"}': http.responses['3xx'],
      'clickcounter_http_responses_total{class="4xx"}': http.responses['4xx'],
      'clickcounter_http_responses_total{class="5xx"}': http.responses['5xx'],
      'clickcounter_thread_requests_total{thread="0"}': threads[0]!.requests + 1,
    }
    expect(Object.fromEntries(Object.keys(expected).map(name => [name, samples.get(name)]))).to.deep.equal(
      expected,
    )
    expect(clicks).to.include({ accepted: 4, stored: 3, pending: 1 })
  })

  it('count durations in seconds, each bucket with those below it', async () => {
    const samples = await scrape(test.thread.url)
    const histograms = [
      ['clickcounter_http_request_duration_seconds', 'kind="counting",'],
      ['clickcounter_http_request_duration_seconds', 'kind="watching",'],
      ['clickcounter_flush_duration_seconds', ''],
    ] as const
    for (const [name, label] of histograms) {
      const counts = BUCKET_TOPS_MS.map(topMs => {
        const top = topMs === Number.POSITIVE_INFINITY ? '+Inf' : topMs / 1000
        return samples.get(`${name}_bucket{${label}le="${top}"}`)!
      })
      const labels = label === '' ? '' : `{${label.slice(0, -1)}}`
      expect(counts, name).to.deep.equal(counts.toSorted((a, b) => a - b))
      expect(counts.at(-1), name)
        .to.equal(samples.get(`${name}_count${labels}`))
        .and.to.be.above(0)
      expect(samples.get(`${name}_sum${labels}`), name).to.be.within(0.0001, 30)
    }
  })

  it('tell of the whole process', async () => {
    const before = process.cpuUsage()
    const samples = await scrape(test.thread.url)
    const after = process.cpuUsage()
    expect(samples.get('process_cpu_seconds_total')).to.be.within(
      (before.user + before.system) / 1e6,
      (after.user + after.system) / 1e6,
    )
    expect(samples.get('process_start_time_seconds')).to.equal(test.thread.clock.nowMs / 1000)
    expect(samples.get('process_resident_memory_bytes')).to.be.within(2 ** 24, 2 ** 34)
    if (process.platform === 'linux') expect(samples.get('process_open_fds')).to.be.within(5, 10_000)
  })

  it('tell when the database is down', async () => {
    // Without a flusher, which would find that it is up.
    const idle = await startIdleThread()
    Atomics.store(idle.memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    expect((await scrape(idle.url)).get('clickcounter_database_up')).to.equal(0)
    await idle.stop()
  })

  it('balance in every scrape, and never become less, whatever goes on', async () => {
    const { url, flush } = test.thread
    let isOver = false
    const clicking = Array.from({ length: 8 }, async (_, client) => {
      while (!isOver) await fetch(`${url}/counter/${client + 1}`)
    })
    const flushing = (async () => {
      while (!isOver) await Promise.all([fetch(`${url}/counter/9`), flush()])
    })()
    let last = new Map<string, number>()
    for (let look = 0; look < 15; look++) {
      const samples = await scrape(url)
      const [accepted, stored] = ['accepted', 'stored'].map(
        name => samples.get(`clickcounter_clicks_${name}_total`)!,
      )
      expect(stored! + samples.get('clickcounter_clicks_pending')!).to.equal(accepted)
      expectNoLess(samples, last)
      last = samples
    }
    isOver = true
    await Promise.all([...clicking, flushing])
  })
})
