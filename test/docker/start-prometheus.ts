import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import yaml from 'yaml'
import { bareFetch } from '../support/documented-fetch.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { prometheusTool } from '../support/prometheus.ts'
import { until } from '../support/until.ts'

const SCRAPE_INTERVAL = '100ms'
/** Lines of the configuration that are in force only where a key is needed. */
const LINES_FOR_A_KEY = /^( +)# (authorization:| {2}credentials_file: clickcounter\.key)$/gm

export const docker = (path: string) => fileURLToPath(new URL(`../../docker/${path}`, import.meta.url))

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [seconds: number, value: string]
}

export interface Prometheus {
  query(query: string): Promise<Series[]>
  /** The value of the only series; NaN while there is none. */
  value(query: string): Promise<number>
  /** Puts another key in the file. */
  useKey(key: string): Promise<void>
  stop(): Promise<void>
}

/**
 * The configuration of docker/prometheus with another target and shorter intervals. `key`: what is in the file beside
 * it; null: nothing is, and the lines for a key are not in force.
 */
export async function startPrometheus(target: string, key: string | null = null): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-prometheus-'))
  const text = await readFile(docker('prometheus/prometheus.yml'), 'utf8')
  const config = yaml.parse(key === null ? text : text.replaceAll(LINES_FOR_A_KEY, '$1$2'))
  const useKey = (key: string) => writeFile(join(directory, 'clickcounter.key'), `${key}\n`)
  if (key !== null) await useKey(key)
  config.global = { scrape_interval: SCRAPE_INTERVAL, evaluation_interval: SCRAPE_INTERVAL }
  config.rule_files = [docker('prometheus/rules.yml')]
  config.scrape_configs[0].static_configs[0].targets = [target]
  const file = join(directory, 'prometheus.yml')
  await writeFile(file, yaml.stringify(config))
  const address = `127.0.0.1:${await chooseFreePort()}`
  const child = spawn(
    await prometheusTool('prometheus'),
    [`--config.file=${file}`, `--storage.tsdb.path=${directory}/data`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  )
  await once(child, 'spawn')
  await until(() => isReady(child, address))
  const query = async (text: string): Promise<Series[]> => {
    const response = await bareFetch(`http://${address}/api/v1/query?${new URLSearchParams({ query: text })}`)
    const answer = (await response.json()) as { error?: string; data: { result: Series[] } }
    expect(response.status, `${text}: ${answer.error}`).to.equal(200)
    return answer.data.result
  }
  return {
    query,
    useKey,
    value: async text => Number((await query(text))[0]?.value[1] ?? Number.NaN),
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function isReady({ exitCode }: ChildProcess, address: string): Promise<boolean> {
  if (exitCode !== null) throw new Error(`Prometheus exited with ${exitCode}`)
  return bareFetch(`http://${address}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}
