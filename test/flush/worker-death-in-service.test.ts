import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { ClickStream, cleanUpAfterTest, expectExactlyOnce, HttpClicks } from './flush-support.ts'
import { type Death, POINTS, readDeaths, WAYS } from './mortal-worker.ts'

describe('a service whose flush worker dies', () => {
  const plan: Death[] = [
    ...POINTS.map((point, index) => [point, WAYS[index % WAYS.length]!] as const),
    ['after rows', 'heap'],
  ]
  let database: TestDatabase
  let directory: string
  let deathsFile: string
  let service: ServiceProcess
  before(async () => {
    database = await createTestDatabase()
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-deaths-'))
    deathsFile = join(directory, 'deaths')
    const planFile = join(directory, 'plan')
    await writeFile(planFile, plan.map(death => JSON.stringify(death)).join('\n'))
    await writeFile(deathsFile, '')
    const settings = { DATABASE_URL: database.url, CLICK_FLUSHER_INTERVAL: '0.05', SERVER_THREADS: '1' }
    const preload = new URL('./mortal-worker.ts', import.meta.url).href
    // With a small heap, a worker soon runs out of it.
    service = await withEnvironment(
      {
        NODE_OPTIONS: `--import=${preload} --max-old-space-size=64`,
        MORTAL_WORKER_PLAN: planFile,
        MORTAL_WORKER_DEATHS: deathsFile,
      },
      () => startServiceProcess(settings),
    )
  })
  afterEach(cleanUpAfterTest)
  after(async () => {
    await endService(service)
    await rm(directory, { recursive: true })
    await database.drop()
  })

  it('goes on, and counts every click once, wherever and however that happens', async () => {
    using clicks = new HttpClicks(service.url)
    const stream = new ClickStream(clicks, 1)
    await until(() => readDeaths(deathsFile).length === plan.length)
    await stream.stop()
    expect(readDeaths(deathsFile)).to.deep.equal(plan)
    expect(await endService(service)).to.equal(0)
    expect(stream.refused).to.deep.equal([])
    await expectExactlyOnce(database, [stream])
  })
})

/** Calls while environment variables are set that a child process inherits. None of them is set otherwise. */
async function withEnvironment<T>(variables: Record<string, string>, call: () => Promise<T>): Promise<T> {
  Object.assign(process.env, variables)
  try {
    return await call()
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name]
  }
}
