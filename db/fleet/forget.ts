import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { listed, quote } from '../../lib/config/wording.ts'
import { statements } from '../statements.ts'
import { type FleetInstance, LOST_SECONDS } from './fleet.ts'
import { readFleet } from './read-fleet.ts'

/**
 * Nobody waits any more for the lost instances of this name or id. What each may have held stays in its row. Resolves
 * with them. Rejects with a ClickCounterError when none is lost, and changes nothing then.
 */
export async function forgetInstances(
  client: pg.ClientBase,
  nameOrId: string,
  by: string,
): Promise<FleetInstance[]> {
  const { instances } = await readFleet(client)
  const named = instances.filter(({ name, id }) => name === nameOrId || id === nameOrId)
  const lost = named.filter(({ state }) => state === 'lost')
  if (lost.length === 0) throw notLost(nameOrId, named, instances)
  const forgotten: FleetInstance[] = []
  for (const instance of lost) {
    const { rows } = await client.query(statements.forgetInstance, [instance.id, LOST_SECONDS, by])
    // Otherwise it is alive after all, since we have looked.
    if (rows.length > 0) forgotten.push(instance)
  }
  return forgotten
}

function notLost(
  nameOrId: string,
  named: readonly FleetInstance[],
  all: readonly FleetInstance[],
): ClickCounterError {
  const what =
    named.length === 0
      ? `there is no instance ${quote(nameOrId)}`
      : `${quote(nameOrId)} is ${listed([...new Set(named.map(({ state }) => state))])}`
  const lost = all.filter(({ state }) => state === 'lost').map(({ name }) => name)
  return new ClickCounterError(
    'INSTANCE_NOT_LOST',
    lost.length === 0
      ? `${what}: only lost instances can be forgotten, those that were silent for ${LOST_SECONDS} s, and none is lost`
      : `${what}: only lost instances can be forgotten, and ${listed(lost)} ${lost.length === 1 ? 'is' : 'are'}`,
  )
}
