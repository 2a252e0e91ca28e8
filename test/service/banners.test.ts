import { expect } from 'chai'
import { Registry } from '../banner-watch/registry.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Health, health } from '../support/health.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { putBanner, Visitors } from './banners-support.ts'

const ADMIN_KEY = 'an_admin_key_of_forty_characters_or_so__'
/** A change is in force everywhere after this time. */
const IN_FORCE_MS = 2000
const CHANGES = 5
const CONNECTIONS = 8

/** What somebody saw who changed something: until when the clicks of a service led to where they led before. */
interface Change {
  readonly what: 'by HTTP' | 'elsewhere' | 'removed' | 'many' | 'lost'
  readonly service: number
  readonly tookMs: number
}

describe('banners of two services on one Postgres', () => {
  const changes: Change[] = []
  /** Where clicks led that led neither to where they did before a change nor to where they did after it. */
  const wrong: string[] = []
  /** What clicks got of the service that was asked, right after its answer. */
  const rightAfter: string[][] = []
  let atFirst: { answers: string[][]; reports: Health[] }
  let atLast: { answers: string[][]; reports: Health[] }
  let database: TestDatabase
  let services: ServiceProcess[]
  let visitors: Visitors[]

  before(async function () {
    this.timeout(60_000)
    database = await createTestDatabase()
    const registry = new Registry(database)
    await registry.register(1, 3000)
    services = await Promise.all(
      [1, 2].map(() => startServiceProcess({ DATABASE_URL: database.url, SERVER_THREADS: '2', ADMIN_KEY })),
    )
    visitors = services.map(({ url }) => new Visitors(url, CONNECTIONS))
    atFirst = await look(3000)
    await changeByHttp()
    await changeInPostgres(registry)
    atLast = await look(20_000)
    for (const each of visitors) each.leave()
    expect(await Promise.all(services.map(endService))).to.deep.equal([0, 0])
  })
  after(() => database.drop())

  async function look(bannerId: number) {
    return {
      answers: await Promise.all(visitors.map(each => each.follow(bannerId))),
      reports: await Promise.all(services.map(health)),
    }
  }

  async function changeByHttp(): Promise<void> {
    let before = 'https://a.example/7'
    for (let change = 0; change < CHANGES; change++) {
      const target = `https://b.example/${change}`
      await putBanner(services[0]!.url, ADMIN_KEY, 7, target)
      rightAfter.push(await visitors[0]!.follow(7))
      await see('by HTTP', 1, 7, [before, target])
      before = target
    }
  }

  async function changeInPostgres(registry: Registry): Promise<void> {
    const seeAll = (what: Change['what'], bannerId: number, leads: [string, string]) =>
      Promise.all([0, 1].map(service => see(what, service, bannerId, leads)))
    await registry.register(5000, 5000)
    await seeAll('elsewhere', 5000, ['404', 'https://a.example/5000'])
    await registry.remove(1, 1)
    await seeAll('removed', 1, ['https://a.example/1', '404'])
    // More than an overlay may have.
    await registry.register(10_001, 20_000)
    await seeAll('many', 20_000, ['404', 'https://a.example/20000'])
    await registry.register(8, 8, 'https://lost.example/')
    await seeAll('elsewhere', 8, ['https://a.example/8', 'https://lost.example/8'])
    // In this order: nobody looks at the row before the revision is gone.
    await database.query("UPDATE banners SET target = 'https://a.example/8' WHERE id = 8")
    await registry.goBack(1)
    await seeAll('lost', 8, ['https://lost.example/8', 'https://a.example/8'])
  }

  /** Clicks on the banner in all threads of a service, until each leads to the second of the two. */
  async function see(
    what: Change['what'],
    service: number,
    bannerId: number,
    leads: [string, string],
  ): Promise<void> {
    const changedAtMs = performance.now()
    await until(async () => {
      const answers = await visitors[service]!.follow(bannerId)
      wrong.push(...answers.filter(answer => !leads.includes(answer)))
      return answers.length === 1 && answers[0] === leads[1]
    })
    changes.push({ what, service, tookMs: performance.now() - changedAtMs })
  }

  it('are known in all threads of both at the end of their start', () => {
    expect(atFirst.answers).to.deep.equal([['https://a.example/3000'], ['https://a.example/3000']])
    for (const { banners, threads } of atFirst.reports) {
      expect(banners).to.include({ known: true, registered: 3000 })
      expect(banners.ageSeconds).to.be.below(2)
      expect(banners.memoryBytes).to.be.above(3000 * 30)
      for (const { requests } of threads) expect(requests).to.be.above(0)
    }
  })

  it('lead elsewhere in all threads of the service that was asked, as soon as it has answered', () => {
    expect(rightAfter).to.deep.equal(
      Array.from({ length: CHANGES }, (_, change) => [`https://b.example/${change}`]),
    )
  })

  for (const [what, title] of [
    ['by HTTP', 'lead elsewhere at the other service within 2 s'],
    ['elsewhere', 'lead elsewhere at both within 2 s, when somebody changes them in Postgres'],
    ['removed', 'are gone at both within 2 s, when somebody deletes them'],
    ['many', 'are new at both within 2 s, when so many are that all are put in order anew'],
    ['lost', 'are again what they were within 2 s, after a failover that lost the newest change'],
  ] as const)
    it(title, () => {
      const seen = changes.filter(change => change.what === what)
      expect(new Set(seen.map(({ service }) => service)).size).to.equal(what === 'by HTTP' ? 1 : 2)
      expect(seen.filter(({ tookMs }) => tookMs > IN_FORCE_MS)).to.deep.equal([])
    })

  it('lead where they did before a change, or where they do after it, and nowhere else', () => {
    expect(wrong).to.deep.equal([])
    expect(atLast.answers).to.deep.equal([['https://a.example/20000'], ['https://a.example/20000']])
    for (const { banners } of atLast.reports) expect(banners.registered).to.equal(13_000)
  })
})
