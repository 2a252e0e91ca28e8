/** @import { Panel } from './panels.js' */
/** @import { Health, Sample, Sentence } from './types.d.ts' */
/** @import { Clock } from './clock.js' */
import { createChart } from './charts.js'
import { byId } from './dom.js'
import { bytes, count, duration, milliseconds, percent, rate } from './format.js'
import { WINDOW_SECONDS } from './history.js'
import { panels } from './panels.js'

/** The tab's icon. Each tone has a shape as well as a colour. @type {Record<Sentence['tone'], string>} */
const ICONS = {
  good: 'dashboard/icon.svg',
  idle: 'dashboard/icon.svg',
  warn: 'dashboard/icon-warn.svg',
  bad: 'dashboard/icon-bad.svg',
}

/** The panels: charts of the window, and figures of now or of the moment under the pointer. */
export class LiveView {
  #charts
  #clock
  /** @type {readonly Sample[]} */
  #samples = []
  /** @type {Health | null} */
  #health = null
  /** @type {number | null} */
  #pointedAt = null

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
    this.#charts = Object.entries(panels).map(([name, panel]) => {
      const element = /** @type {HTMLElement} */ (document.querySelector(`[data-chart="${name}"]`))
      element.setAttribute('role', 'img')
      element.setAttribute('aria-label', panel.what)
      const { lines, what, write, ...rest } = panel
      const chart = createChart(element, clock, {
        ...rest,
        series: lines,
        syncKey: 'live',
        xRange: () => this.#window(),
        onCursor: index => this.#point(index),
      })
      return { chart, element, panel }
    })
  }

  /** @param {Health | null} health @param {readonly Sample[]} samples */
  show(health, samples) {
    this.#health = health
    this.#samples = samples
    const times = samples.map(({ atSeconds }) => atSeconds)
    for (const { chart, element, panel } of this.#charts) {
      chart.setData([times, ...panel.lines.map(({ of }) => samples.map(of))])
      element.setAttribute('aria-label', describe(panel, samples))
    }
    byId('filtered-keys').hidden = !samples.some(isFiltered)
    this.#write()
  }

  /** @param {boolean} isHidden */
  set isHidden(isHidden) {
    byId('panels').hidden = isHidden
    byId('moment').hidden = isHidden
  }

  /** As long as the samples reach back, but one to fifteen minutes. In seconds since the epoch. */
  #window() {
    const end = this.#samples.at(-1)?.atSeconds ?? Date.now() / 1000
    const known = end - (this.#samples[0]?.atSeconds ?? end)
    return /** @type {[number, number]} */ ([end - Math.min(WINDOW_SECONDS, Math.max(60, known)), end])
  }

  /** @param {number | null} index */
  #point(index) {
    if (index === this.#pointedAt) return
    this.#pointedAt = index
    this.#write()
  }

  #write() {
    const pointed = this.#pointedAt === null ? undefined : this.#samples[this.#pointedAt]
    const sample = pointed ?? this.#samples.at(-1)
    if (this.#health !== null) write(presentFiguresOf(this.#health, this.#clock))
    if (sample !== undefined) write(figuresOf(sample))
    byId('moment').textContent = pointed
      ? `At ${this.#clock.timeOfDay(pointed.atSeconds * 1000)}.`
      : this.#period()
  }

  #period() {
    const [start, end] = this.#window()
    const isWhole = end - start >= WINDOW_SECONDS - 1
    const growing = isWhole ? '' : ' They grow to 15 minutes.'
    return `Charts: the last ${duration(isWhole ? WINDOW_SECONDS : end - start)}.${growing} Point at a chart to read its figures at that moment.`
  }
}

/** Whether some of the clicks were not valid. @param {Sample} sample */
function isFiltered({ botsPerSecond, duplicatesPerSecond }) {
  return (botsPerSecond ?? 0) + (duplicatesPerSecond ?? 0) > 0
}

/** The figures of one moment of the history. @param {Sample} sample */
function figuresOf(sample) {
  return {
    clicksPerSecond: rate(sample.clicksPerSecond),
    stored: count(sample.stored),
    storedPerSecond: rate(sample.storedPerSecond),
    filtered: isFiltered(sample)
      ? ` · ${rate(sample.botsPerSecond)}/s of bots, ${rate(sample.duplicatesPerSecond)}/s duplicates`
      : '',
    pending: count(sample.pending),
    p50Ms: milliseconds(sample.p50Ms),
    p99Ms: milliseconds(sample.p99Ms),
    p999Ms: milliseconds(sample.p999Ms),
    flushMs: milliseconds(sample.flushMs),
    journalBytes: bytes(sample.journalBytes),
    oldest: duration(sample.oldestSeconds),
    database: sample.databaseUp === null ? '–' : sample.databaseUp === 1 ? 'up' : 'away',
    meanPercent: percent(sample.meanPercent),
    busiestPercent: percent(sample.busiestPercent),
    delayMs: milliseconds(sample.delayMs),
  }
}

/** The figures that have no history. @param {Health} health @param {Clock} clock */
function presentFiguresOf(health, clock) {
  const { clicks, http, flush, journal, database, ring, threads, memory } = health
  return {
    version: health.version,
    accepted: count(clicks.accepted),
    startedAt: clock.minute(Date.parse(health.startedAt)),
    flushNote: flushNote(flush),
    host: database.host,
    databaseError: database.lastError ?? flush.lastError ?? '',
    threads: threads.length === 1 ? '1 thread' : `worst of ${threads.length} threads`,
    answers2xx: count(http.responses['2xx']),
    answers3xx: count(http.responses['3xx']),
    answers4xx: count(http.responses['4xx']),
    answers5xx: count(http.responses['5xx']),
    refused: count(clicks.refused.journal + clicks.refused.full + clicks.refused.limit),
    prefetches: count(clicks.ignored.prefetch),
    unknown: count(clicks.ignored.unknown),
    inactive: count(clicks.ignored.inactive),
    slots: `${count(ring.slotsUsed)} of ${count(ring.slots)}`,
    memory: bytes(memory.rssBytes),
    uptime: duration(health.uptimeSeconds),
    journalLimit: bytes(journal.maxBytes),
    journalNote: journalNote(journal),
  }
}

/** @param {Health['flush']} flush */
function flushNote({ lastAt, lastRows, failures }) {
  const rows = lastAt === null ? 'none yet' : `${count(lastRows)} ${lastRows === 1 ? 'row' : 'rows'}`
  return failures === 0 ? rows : `${rows} · ${count(failures)} failed since the start`
}

/** @param {Health['journal']} journal */
function journalNote({ damaged, fullInSeconds }) {
  const full = fullInSeconds === null ? [] : [`Full in ${duration(fullInSeconds)} at this rate.`]
  const files = damaged === 1 ? '1 file is damaged.' : `${count(damaged)} files are damaged.`
  return [...full, ...(damaged === 0 ? [] : [files])].join(' ')
}

/** @param {Record<string, string>} values */
function write(values) {
  for (const [name, text] of Object.entries(values)) {
    const element = document.querySelector(`[data-value="${name}"]`)
    if (element !== null && element.textContent !== text) element.textContent = text
  }
}

/**
 * A chart's name and values in words, for screen readers.
 * @param {Panel} panel
 * @param {readonly Sample[]} samples
 */
function describe({ what, lines: [line], write }, samples) {
  const values = samples.map(sample => line?.of(sample) ?? null).filter(value => value !== null)
  if (values.length === 0) return `${what}: nothing yet.`
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return `${what}: now ${write(values.at(-1) ?? null)}, lowest ${write(low)}, highest ${write(high)}.`
}

/** @param {Sentence} sentence */
export function showSentence({ tone, verdict, detail, announcement }) {
  document.documentElement.dataset.tone = tone
  const icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=icon]'))
  // Only when the icon changes: a browser may fetch it each time that href is set.
  if (icon.getAttribute('href') !== ICONS[tone]) icon.href = ICONS[tone]
  byId('verdict').textContent = verdict
  byId('detail').textContent = detail
  if (byId('announcement').textContent !== announcement) byId('announcement').textContent = announcement
}

/** @param {readonly string[]} complaints */
export function showComplaints(complaints) {
  const list = byId('complaints')
  list.hidden = complaints.length === 0
  if (list.textContent === complaints.join('')) return
  list.replaceChildren(
    ...complaints.map(text => Object.assign(document.createElement('li'), { textContent: text })),
  )
}
