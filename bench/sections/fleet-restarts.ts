import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLoop } from '../load/open-loop.ts'
import { programPath } from '../machine/programs.ts'
import { audited } from '../measuring/audit.ts'
import { type Fleet, startFleet, until } from '../measuring/fleet.ts'
import { quantile } from '../measuring/statistics.ts'
import { freePort, spawnPeer } from '../peers/spawn.ts'
import { progress } from '../report/progress.ts'
import { markdownTable } from '../report/table.ts'

/** Second part of the section `fleet`: restarts behind nginx, and the recovery of an instance that was killed. */

const CONFIGURATION = new URL('../../docker/fleet/nginx.conf', import.meta.url)
const INSTANCES = 3
const BANNERS = 10_000
const DRAIN_SECONDS = 1
const CONNECTIONS = 64
/** nginx leaves an instance that was away alone for a second. */
const SETTLE_MS = 1500

type Restarts = Awaited<ReturnType<typeof measureRestarts>>

export async function measureRestarts(isQuick: boolean) {
  const ratePerSecond = isQuick ? 500 : 2000
  await using instances = await startFleet(INSTANCES, { DRAIN_SECONDS: String(DRAIN_SECONDS) })
  await using front = await startFront(instances.urls)
  const restarts = await measureOrderly(instances, front.url, { ratePerSecond, seconds: isQuick ? 16 : 18 })
  return { ratePerSecond, ...restarts, recovery: await measureRecovery(instances, isQuick ? 2 : 4) }
}

/** Restarts each instance once, while clicks come through nginx. */
function measureOrderly(
  instances: Fleet,
  url: string,
  { ratePerSecond, seconds }: { ratePerSecond: number; seconds: number },
) {
  progress(`fleet: restarts at ${ratePerSecond} clicks/s`)
  return audited(instances, 0, async () => {
    const clicked = openLoop(url, { ratePerSecond, seconds, banners: BANNERS, connections: CONNECTIONS })
    const restartSeconds: number[] = []
    for (let index = 0; index < INSTANCES; index++) {
      const startedAtMs = performance.now()
      await (await instances.stop(index, 'SIGTERM')).again()
      restartSeconds.push((performance.now() - startedAtMs) / 1000)
      await sleep(SETTLE_MS)
    }
    const { acknowledged, failed, latencyMs } = await clicked
    return { acknowledged, failed, p99Ms: quantile(latencyMs, 0.99), restartSeconds }
  })
}

/** Kills an instance that has clicks in its journal, and starts it again in its directory. */
async function measureRecovery(instances: Fleet, seconds: number) {
  progress('fleet: an instance is killed')
  const { stored: before } = await instances.totals()
  const { acknowledged } = await openLoop(instances.urls[0]!, {
    ratePerSecond: 3000,
    seconds,
    banners: BANNERS,
  })
  const { again } = await instances.stop(0, 'SIGKILL')
  const pending = before + acknowledged - (await instances.stored())
  const startedAtMs = performance.now()
  await again()
  const readySeconds = (performance.now() - startedAtMs) / 1000
  await until(async () => (await instances.stored()) >= before + acknowledged)
  return { pending, readySeconds, storedSeconds: (performance.now() - startedAtMs) / 1000 }
}

/** nginx as docker/fleet has it, but for addresses and files. */
async function startFront(urls: readonly string[]): Promise<AsyncDisposable & { readonly url: string }> {
  await using parts = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'clickcounter-front-'))
  parts.defer(() => rm(directory, { recursive: true, force: true }))
  const port = await freePort()
  const text = (await readFile(CONFIGURATION, 'utf8'))
    .replace(/web-(\d):8080/g, (_, nth) => new URL(urls[nth - 1]!).host)
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
  const file = join(directory, 'nginx.conf')
  await writeFile(file, text)
  const own = `daemon off; pid ${directory}/pid; error_log stderr error;`
  parts.use(await spawnPeer(programPath('nginx')!, ['-p', directory, '-c', file, '-g', own], port, false))
  const running = parts.move()
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

export function restartsText({
  ratePerSecond,
  acknowledged,
  failed,
  lost,
  doubled,
  p99Ms,
  restartSeconds,
  recovery,
}: Restarts): string {
  const each = restartSeconds.map(seconds => seconds.toFixed(1)).join(', ')
  const restarts = [restartSeconds.length, each, acknowledged, p99Ms.toFixed(2), failed, lost, doubled]
  return `${markdownTable(['restarts', 's each', 'clicks', 'p99 ms', 'failed', 'lost', 'doubled'], [restarts])}
${INSTANCES} instances behind nginx with \`docker/fleet/nginx.conf\`, restarted in turns under ${ratePerSecond} clicks a
second. A restart counts from SIGTERM until \`/health/ready\` says 200; ${DRAIN_SECONDS} s of it are \`DRAIN_SECONDS\`.

${markdownTable(
  ['clicks that waited', 's until it is ready', 's until they are stored'],
  [[recovery.pending, recovery.readySeconds.toFixed(2), recovery.storedSeconds.toFixed(2)]],
)}
One of them is killed under clicks, and started again in its directory.
`
}
