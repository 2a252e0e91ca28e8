import type pg from 'pg'
import { statements } from '../../db/statements.ts'
import type { KeyedBulk } from '../rows/keyed-bulk.ts'

/**
 * Keys of one statement. A batch may have a hundred thousand, each on another page of the index. In one statement they
 * could take longer than a statement may, and the batch would never be stored.
 */
const PAGE_KEYS = 5000

/** Who adds keys: a place in the ledger. */
export interface Adder {
  readonly writer: string
  readonly generation: number
}

/** What became of keyed bulks, each in one of the lists, in their order. */
export interface BulkFates {
  /** Their keys came with them: their clicks are to be added in the same transaction, or were. */
  readonly counted: readonly KeyedBulk[]
  /** Another delivery of the same content was counted. */
  readonly repeated: readonly KeyedBulk[]
  /** Their key came with other content. */
  readonly conflicts: readonly KeyedBulk[]
  /** They have waited so long that their key may have been forgotten. */
  readonly expired: readonly KeyedBulk[]
}

/** Whether a bulk has waited longer than its key is known. */
export type IsExpired = (bulk: KeyedBulk) => boolean

/** Fingerprints by key. */
interface Keys {
  /** Added by this adder. */
  readonly own: Map<string, string>
  readonly others: ReadonlyMap<string, string>
}

/**
 * Adds the keys of bulks that have not expired. It belongs behind the ledger's step and before the rows, in their
 * transaction: added in one of its own, a key would be known without its clicks, and no later delivery would count them.
 */
export async function addBulkKeys(
  client: pg.ClientBase,
  bulks: readonly KeyedBulk[],
  adder: Adder,
  isExpired: IsExpired,
): Promise<BulkFates> {
  const wanted = firstOfEachKey(bulks.filter(bulk => !isExpired(bulk)))
  // Sorted: two that add the same keys wait for each other in one direction only.
  const sorted = [...wanted.keys()].sort()
  const own = new Map<string, string>()
  for (const page of pagesOf(sorted)) {
    const { rows } = await client.query<{ key: string }>(statements.addBulkKeys, [
      page,
      page.map(key => wanted.get(key)!),
      adder.writer,
      adder.generation,
    ])
    for (const { key } of rows) own.set(key, wanted.get(key)!)
  }
  const rest = [...firstOfEachKey(bulks).keys()].filter(key => !own.has(key))
  // In a statement of its own: the one that found them there has not seen those that were added while it ran.
  const others = rest.length === 0 ? new Map() : (await findKeys(client, rest, adder)).others
  return fatesOf(bulks, { own, others }, isExpired)
}

/** The same of bulks whose keys were added by an earlier transaction of this adder. Adds none. */
export async function findBulkFates(
  client: pg.ClientBase,
  bulks: readonly KeyedBulk[],
  adder: Adder,
  isExpired: IsExpired,
): Promise<BulkFates> {
  if (bulks.length === 0) return NO_BULKS
  const keys = await findKeys(client, [...firstOfEachKey(bulks).keys()], adder)
  return fatesOf(bulks, keys, isExpired)
}

export const NO_BULKS: BulkFates = { counted: [], repeated: [], conflicts: [], expired: [] }

async function findKeys(
  client: pg.ClientBase,
  keys: readonly string[],
  { writer, generation }: Adder,
): Promise<Keys> {
  const found = { own: new Map<string, string>(), others: new Map<string, string>() }
  for (const page of pagesOf(keys)) {
    const { rows } = await client.query<{ key: string; fingerprint: string; isOwn: boolean }>(
      statements.findBulkKeys,
      [page, writer, generation],
    )
    for (const { key, fingerprint, isOwn } of rows)
      found[isOwn ? 'own' : 'others'].set(key, fingerprint.replaceAll('-', ''))
  }
  return found
}

function pagesOf(keys: readonly string[]): readonly string[][] {
  const pages = Math.ceil(keys.length / PAGE_KEYS)
  return Array.from({ length: pages }, (_, nth) => keys.slice(nth * PAGE_KEYS, (nth + 1) * PAGE_KEYS))
}

/** By key, the fingerprint of the first bulk that has it. V8 hashes texts with a seed, whoever has chosen them. */
function firstOfEachKey(bulks: readonly KeyedBulk[]): Map<string, string> {
  const firsts = new Map<string, string>()
  for (const { key, fingerprint } of bulks) if (!firsts.has(key)) firsts.set(key, fingerprint)
  return firsts
}

/** Of several bulks with one key, the first one counts. */
function fatesOf(bulks: readonly KeyedBulk[], { own, others }: Keys, isExpired: IsExpired): BulkFates {
  const lists: Record<keyof BulkFates, KeyedBulk[]> = {
    counted: [],
    repeated: [],
    conflicts: [],
    expired: [],
  }
  const known = new Map([...others, ...own])
  for (const bulk of bulks) {
    const { key, fingerprint } = bulk
    if (own.get(key) === fingerprint) {
      own.delete(key)
      lists.counted.push(bulk)
    } else if (known.has(key)) lists[known.get(key) === fingerprint ? 'repeated' : 'conflicts'].push(bulk)
    // The key was there, or this transaction would have added it. It was removed since, because it was old: it was counted.
    else lists[isExpired(bulk) ? 'expired' : 'repeated'].push(bulk)
  }
  return lists
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Keys are known for so many days: what has waited for longer has expired. */
export function expiry(days: number): IsExpired {
  const boundMs = Date.now() - days * DAY_MS
  return ({ minute }) => minute * MINUTE_MS < boundMs
}
