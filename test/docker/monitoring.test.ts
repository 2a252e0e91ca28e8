import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect } from 'chai'
import yaml from 'yaml'
import { CONDITIONS } from '../../lib/memory/conditions.ts'
import { startLane } from '../http/lane/server.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { accessOf, newKey, snapshotOf } from '../support/keys.ts'
import { namesOf, scrape } from '../support/metrics.ts'
import { prometheusTool } from '../support/prometheus.ts'
import { until } from '../support/until.ts'
import { docker, type Prometheus, startPrometheus } from './start-prometheus.ts'

const run = promisify(execFile)

const METRIC = /\b(?:clickcounter|process)_[a-z0-9_]+/g
/** The interval of rates in the test. Scrapes come often within it. */
const RATE_INTERVAL = '5s'

describe('monitoring', function () {
  // Long, because Prometheus may have to be fetched first.
  this.timeout(180_000)
  let promtool: string
  let test: HttpTest
  before(async () => {
    promtool = await prometheusTool('promtool')
    test = await startHttpTest()
  })
  after(() => test.stop())

  it('has a configuration and rules that Prometheus accepts', async () => {
    const { stdout } = await run(promtool, ['check', 'config', docker('prometheus/prometheus.yml')])
    expect(stdout)
      .to.match(/SUCCESS: 1 rule files found/)
      .and.to.match(/SUCCESS: \d+ rules found/)
  })

  it('alerts when it should, and not otherwise', async () => {
    await run(promtool, ['test', 'rules', docker('prometheus/rules.test.yml')])
  })

  it('asks for metrics that there are, and for each of them', async () => {
    const there = namesOf(await scrape(test.thread.url))
    const asked = new Set(
      [await dashboardText(), await readFile(docker('prometheus/rules.yml'), 'utf8')].flatMap(
        text => text.match(METRIC) ?? [],
      ),
    )
    expect(
      [...asked].filter(name => !there.has(name)),
      'unknown',
    ).to.deep.equal([])
    expect(
      [...there].filter(name => !asked.has(name)),
      'looked at by nobody',
    ).to.deep.equal([])
  })

  it('shows its dashboard from whatever data source is chosen, by job and instance', async () => {
    const { panels, templating } = JSON.parse(await dashboardText()) as Dashboard
    expect(templating.list.map(({ name }) => name)).to.deep.equal(['datasource', 'job', 'instance'])
    const shown = panels.filter(({ type }) => type !== 'row')
    for (const { datasource } of [...shown, ...templating.list.slice(1)])
      expect(datasource?.uid).to.match(/^\$\{datasource\}$/)
    for (const { targets = [] } of shown)
      for (const { expr } of targets) {
        const selectors = expr.match(/\b(?:clickcounter|process)_\w+(?:\{[^}]*\})?/g)!
        for (const selector of selectors) expect(selector).to.include('{job=~"$job", instance=~"$instance"')
      }
  })

  it('is red for refusals that the alert is for, and not for clicks that one client has too many of', async () => {
    const { panels } = JSON.parse(await dashboardText()) as Dashboard
    const refused = panels.find(({ title }) => title === 'Refused clicks, last hour')!
    const rules = await readFile(docker('prometheus/rules.yml'), 'utf8')
    for (const text of [refused.targets![0]!.expr, /alert: ClickcounterRefusesClicks\n.*\n/.exec(rules)![0]])
      expect(text).to.match(/clickcounter_clicks_refused_total\{[^}]*reason!="conflict", reason!="limit"\}/)
  })

  it('has its panels in rows, one beside or below the other, each with a unit', async () => {
    const { panels } = JSON.parse(await dashboardText()) as Dashboard
    expect(panels[0]).to.include({ type: 'row' })
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length)
    const places = new Set<string>()
    for (const { title, type, gridPos, fieldConfig } of panels) {
      if (type !== 'row') expect(fieldConfig?.defaults.unit, title).to.be.a('string')
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(places.has(`${x} ${y}`), title).to.equal(false)
          places.add(`${x} ${y}`)
        }
    }
  })

  it('scrapes a closed service with a key alone, and takes a rotated one from its file', async () => {
    const [first, second, reader] = [newKey(['operate']), newKey(['operate']), newKey(['read'])]
    const access = accessOf()
    access.keyring.replace(snapshotOf([first, reader]))
    const closed = await startLane({ access, settings: { HEALTH_IS_PUBLIC: 'false' } })
    const prometheus = await startPrometheus(`127.0.0.1:${closed.port}`, first.text)
    const untilUp = (up: number) =>
      until(async () => (await prometheus.value('up{job="clickcounter"}')) === up)
    try {
      await untilUp(1)
      access.keyring.replace(snapshotOf([second, reader]))
      await untilUp(0)
      await prometheus.useKey(second.text)
      await untilUp(1)
      await prometheus.useKey(reader.text)
      await untilUp(0)
    } finally {
      await prometheus.stop()
      await closed.stop()
    }
  })

  it('says for every alert what it means and what to do, also in the documentation', async () => {
    const rules = yaml.parse(await readFile(docker('prometheus/rules.yml'), 'utf8')).groups[0].rules as {
      alert: string
      annotations: { summary?: string; description?: string }
    }[]
    const operations = await readFile(docker('../docs/operations.md'), 'utf8')
    for (const { alert, annotations } of rules) {
      expect(annotations.summary, alert).to.be.a('string')
      expect(annotations.description, alert).to.be.a('string')
      expect(operations).to.include(`\`${alert}\``)
    }
  })

  it('explains every condition in the documentation', async () => {
    const operations = await readFile(docker('../docs/operations.md'), 'utf8')
    for (const name of CONDITIONS) expect(operations).to.include(`\`${name}\``)
  })

  describe('with a real Prometheus', () => {
    let prometheus: Prometheus
    before(async () => {
      await fetch(`${test.thread.url}/counter/1`)
      await test.thread.flush()
      prometheus = await startPrometheus(`127.0.0.1:${test.thread.port}`)
      await until(async () => (await prometheus.value('count_over_time(clickcounter_database_up[1m])')) >= 5)
    })
    after(() => prometheus.stop())

    it('is scraped', async () => {
      expect(await prometheus.value('up{job="clickcounter"}')).to.equal(1)
      expect(await prometheus.value('clickcounter_clicks_accepted_total')).to.equal(1)
      expect(
        await prometheus.value('clickcounter_http_request_duration_seconds_count{kind="watching"}'),
      ).to.be.above(1)
    })

    it('has data for every query of the dashboard', async () => {
      const queries = [...(await dashboardText()).matchAll(/"expr": (".*")/g)].map(([, expr]) =>
        (JSON.parse(expr!) as string)
          .replaceAll('$__rate_interval', RATE_INTERVAL)
          .replaceAll(/\$(job|instance)/g, '.*'),
      )
      expect(queries).to.have.length.above(20)
      for (const query of queries) expect(await prometheus.query(query), query).not.to.deep.equal([])
    })

    it('is quiet as long as the books balance, and alerts when they do not', async () => {
      const { memory } = test.thread
      expect(await prometheus.query('ALERTS')).to.deep.equal([])
      const stored = memory.numberIndex('storedValid')
      memory.f64[stored]! -= 1
      try {
        await until(async () => (await prometheus.query('ALERTS{alertstate="firing"}')).length > 0)
        expect(await prometheus.query('ALERTS')).to.have.nested.property(
          '[0].metric.alertname',
          'ClickcounterBooksDoNotBalance',
        )
      } finally {
        memory.f64[stored]! += 1
      }
    })
  })
})

function dashboardText(): Promise<string> {
  return readFile(docker('grafana/dashboards/clickcounter.json'), 'utf8')
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly { readonly expr: string }[]
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly datasource?: { readonly uid: string } }[]
  }
}
