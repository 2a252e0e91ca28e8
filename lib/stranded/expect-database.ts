import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { type FleetInstance, LOST_SECONDS } from '../../db/fleet/fleet.ts'
import { readFleet } from '../../db/fleet/read-fleet.ts'
import { expectKnownVersion, newestVersion, presentTables } from '../../db/schema/versions.ts'
import { ClickCounterError } from '../base/errors.ts'

const LOOK_INTERVAL_MS = 500

/**
 * Throws a ClickCounterError unless the database has the tables of this version. A service would make them; a command
 * that somebody runs beside services must not: those of another version could not go on.
 */
export async function expectTables(client: pg.ClientBase): Promise<void> {
  const present = await presentTables(client)
  if (present === null)
    throw new ClickCounterError(
      'NO_TABLES',
      'the database has no tables of this program: is it the right one? A service makes them, and so does npm run migrate',
    )
  await expectKnownVersion(present.version)
  const newest = await newestVersion()
  if (present.version < newest)
    throw new ClickCounterError(
      'SCHEMA_TOO_OLD',
      `the database has schema version ${present.version}, this program stores into ${newest}: run the program of the services, or npm run migrate first`,
    )
}

/**
 * Throws a ClickCounterError when one of these writers still counts: the directory is a copy of its own. Stored from the
 * copy, its present generation would be taken, and what it counts in that from now on would be put aside. One that was
 * seen a moment ago may have died since: waits until it is seen again, or is lost. `tell` is called before a wait.
 */
export async function expectNobodyAtWork(
  client: pg.ClientBase,
  writers: ReadonlySet<string>,
  tell: (text: string) => void,
): Promise<void> {
  const first = await atWork(client, writers)
  if (first.length > 0)
    tell(
      `${first[0]!.name} was seen at work a moment ago: looking for ${LOST_SECONDS} s whether it still is.`,
    )
  for (let present = first; present.length > 0; ) {
    await delay(LOOK_INTERVAL_MS)
    present = await atWork(client, writers)
    const again = present.find(({ id, seenAt }) =>
      first.every(each => each.id !== id || each.seenAt !== seenAt),
    )
    if (again !== undefined)
      throw new ClickCounterError(
        'WRITER_AT_WORK',
        `${again.name} is at work, and stores what is here itself: this is a copy of its directory. Stop it, and store that`,
      )
  }
}

async function atWork(client: pg.ClientBase, writers: ReadonlySet<string>): Promise<FleetInstance[]> {
  const { instances } = await readFleet(client)
  return instances.filter(({ id, state }) => writers.has(id) && (state === 'serving' || state === 'draining'))
}
