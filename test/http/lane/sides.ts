import { isDeepStrictEqual } from 'node:util'
import { sumOverThreads } from '../../../lib/books/balance.ts'
import { HALF_COUNT, THREAD_NUMBER } from '../../../lib/memory/layout.ts'
import { Ring } from '../../../lib/ring/ring.ts'
import { CLASSES, CLICK_CLASSES } from '../../../lib/rows/classes.ts'
import type { TestDatabase } from '../../support/database.ts'
import type { Settings } from '../../support/settings.ts'
import { startTestThread, type TestThread } from '../../support/thread.ts'
import { corpusBanners } from './corpus/banners.ts'
import { CLICKED_ID } from './corpus/parts.ts'
import { exchange, type Outcome, type Script } from './exchange.ts'
import { ownClient } from './own-clients.ts'

/**
 * What is sent at the same time. A group takes a fraction of a second, so that no connection grows as old as
 * the listener's limits (5 s for a request's headers), on a busy machine neither.
 */
const MOST_PIECES_IN_GROUP = 400
const FIRST_OWN_ID = 1_000_000
/** Scripts whose clients a thread remembers at once. */
const MOST_REMEMBERED = 2000
/** Far beyond what the mutations can think of: nothing is flushed while they run. */
const MAX_BANNERS = 65_536

/** Everything that must not depend on the lane. */
const aspects = ['status', 'headers', 'body', 'steps', 'fate', 'counts', 'books'] as const
type Aspect = (typeof aspects)[number]

/** A script that the lane answers in another way. */
export interface Difference {
  readonly script: Script
  readonly aspect: Aspect
  readonly on: unknown
  readonly off: unknown
}

const MOST_DESCRIBED = 10

/** For people, and to be pasted into a test. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences
    .slice(0, MOST_DESCRIBED)
    .map(
      ({ script, aspect, on, off }) =>
        `\n${script.name}\n  sent: ${JSON.stringify(script.text)}, cut at [${script.cuts}]\n` +
        `  ${aspect} with the lane:    ${JSON.stringify(on)}\n  ${aspect} without the lane: ${JSON.stringify(off)}`,
    )
    .join('\n')
}

/** The service twice: with the lane and without. */
export interface Sides {
  /** Sends every script to both; resolves with what differed. */
  compare(scripts: readonly Script[]): Promise<Difference[]>
  stop(): Promise<void>
}

const banners = { lookup: corpusBanners, refresh: () => Promise.resolve() }

export async function startSides(
  database: Pick<TestDatabase, 'server' | 'url'>,
  settings: Settings = {},
): Promise<Sides> {
  const threads = await Promise.all(
    ['on', 'off'].map(HOT_LANE =>
      startTestThread(database, { settings: { ...settings, HOT_LANE }, maxBanners: MAX_BANNERS, banners }),
    ),
  )
  const [on, off] = threads.map(thread => new Side(thread)) as [Side, Side]
  return {
    async compare(scripts) {
      const differences: Difference[] = []
      for (const group of groupsOf(scripts)) differences.push(...(await compareGroup(on, off, group)))
      return differences
    },
    async stop() {
      await Promise.all(threads.map(thread => thread.stop()))
    },
  }
}

function* groupsOf(scripts: readonly Script[]): Generator<Script[]> {
  let group: Script[] = []
  let pieces = 0
  for (const script of scripts) {
    group.push(script)
    pieces += script.cuts.length + 1
    if (pieces < MOST_PIECES_IN_GROUP) continue
    yield group
    group = []
    pieces = 0
  }
  if (group.length > 0) yield group
}

async function compareGroup(on: Side, off: Side, scripts: readonly Script[]): Promise<Difference[]> {
  const ownScripts = scripts.map((script, index) => ownClient(withOwnId(script, index)))
  const withLane = await on.run(ownScripts)
  const without = await off.run(ownScripts)
  const differences = scripts.flatMap((script, index) =>
    differencesOf(script, viewOf(withLane.outcomes[index]!), viewOf(without.outcomes[index]!)),
  )
  const shared = differencesOf(groupOf(scripts), withLane.sums, without.sums)
  if (shared.length === 0 || scripts.length === 1) return [...differences, ...shared]
  // Whose it is shows when each is alone.
  const alone: Difference[] = []
  for (const script of scripts) alone.push(...(await compareGroup(on, off, [script])))
  return alone.length > 0 ? alone : [...differences, ...shared]
}

/** Its clicks can be told from those of the group's other scripts: no two mistakes cancel each other out. */
function withOwnId(script: Script, index: number): Script {
  return { ...script, text: script.text.replaceAll(CLICKED_ID, String(FIRST_OWN_ID + index)) }
}

function groupOf(scripts: readonly Script[]): Script {
  return scripts.length === 1 ? scripts[0]! : { name: 'a group, none of it alone', text: '', cuts: [] }
}

type View = Partial<Record<Aspect, unknown>>

function viewOf({ answers, steps, fate }: Outcome): View {
  return {
    status: answers.map(answer => answer.status),
    headers: answers.map(answer => answer.headers),
    body: answers.map(answer => answer.body),
    steps,
    fate,
  }
}

function differencesOf(script: Script, on: View, off: View): Difference[] {
  return aspects
    .filter(aspect => !isDeepStrictEqual(on[aspect], off[aspect]))
    .map(aspect => ({ script, aspect, on: on[aspect], off: off[aspect] }))
}

const BOOKED = Object.keys(THREAD_NUMBER).filter(
  name => !['utilization', 'eventLoopDelayP99Ms'].includes(name),
) as (keyof typeof THREAD_NUMBER)[]

/** One of the two, and what it had counted before. */
class Side {
  readonly #thread: TestThread
  readonly #ring: Ring
  /** Whose clients may be remembered. */
  #scripts = 0

  constructor(thread: TestThread) {
    this.#thread = thread
    this.#ring = new Ring(thread.memory)
  }

  /** What came of each script, and what all together have added to the counts and the books. */
  async run(scripts: readonly Script[]): Promise<{ outcomes: Outcome[]; sums: View }> {
    await this.#forget(scripts.length)
    const before = { counts: this.#counts(), books: this.#books() }
    const outcomes = await exchange(this.#thread.port, scripts)
    return {
      outcomes,
      sums: { counts: added(before.counts, this.#counts()), books: added(before.books, this.#books()) },
    }
  }

  /** Moves the clock on before the clients are so many that no place would be left for a note or a limit. */
  async #forget(scripts: number): Promise<void> {
    this.#scripts += scripts
    if (this.#scripts < MOST_REMEMBERED) return
    this.#scripts = scripts
    await this.#thread.flush()
    this.#thread.clock.nowMs += 120_000
    this.#thread.lookAtClients()
  }

  /** Clicks by banner and class. Nobody else is in the ring: the thread is this one. */
  #counts(): Map<string, number> {
    const { bannerIds, clicks } = this.#ring.rows(this.#thread.generations.current % HALF_COUNT)
    const counts = CLICK_CLASSES.map(clickClass =>
      Array.from(bannerIds, (bannerId, row): [string, number] => [
        `${bannerId} ${CLASSES[clickClass]}`,
        clicks[clickClass][row]!,
      ]),
    )
    return new Map(counts.flat())
  }

  #books(): Map<string, number> {
    return new Map(BOOKED.map(name => [name, sumOverThreads(this.#thread.memory, name)]))
  }
}

function added<Key>(before: Map<Key, number>, after: Map<Key, number>): [Key, number][] {
  return [...after]
    .map(([key, sum]): [Key, number] => [key, sum - (before.get(key) ?? 0)])
    .filter(([, sum]) => sum !== 0)
}
