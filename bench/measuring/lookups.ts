import { emptyOverlay } from '../../lib/banner-watch/merge.ts'
import { KnownBanners } from '../../lib/banners/known-banners.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import { targetOf } from './registry.ts'
import { median } from './statistics.ts'

const LOOKUPS = 1_000_000
const ROUNDS = 5

/** What a thread's look-ups take of its processor time, in nanoseconds, at random ids. `has` finds half of them. */
export async function lookupTimes(banners: number): Promise<{ hasNs: number; findNs: number }> {
  const known = new KnownBanners()
  const builder = new TableBuilder()
  const plain = { passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }
  for (let id = 1; id <= banners; id++) builder.put({ ...plain, id, target: targetOf(1, id).padEnd(80, 'x') })
  const revision = { database: crypto.randomUUID(), revision: 1, token: crypto.randomUUID() }
  const base = await builder.build(revision, null)
  known.replace({ base, overlay: await emptyOverlay(base) })
  const nsOf = (look: (id: number) => unknown, among: number) =>
    median(Array.from({ length: ROUNDS }, () => timeOf(look, among)))
  return { hasNs: nsOf(id => known.has(id), 2 * banners), findNs: nsOf(id => known.find(id), banners) }
}

function timeOf(look: (id: number) => unknown, among: number): number {
  let random = 1
  let found = 0
  const before = process.threadCpuUsage()
  for (let nth = 0; nth < LOOKUPS; nth++) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0
    if (look(1 + ((random >>> 3) % among))) found++
  }
  const { user, system } = process.threadCpuUsage(before)
  if (found === 0) throw new Error('some banners should be found')
  return ((user + system) * 1000) / LOOKUPS
}
