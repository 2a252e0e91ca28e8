import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { type Instances, type Place, startAgain } from './instances.ts'
import type { PostgresPair } from './postgres-pair.ts'

/** What the fleet has to live with. All of it is in its place again when `act` resolves. */
export interface Fault {
  readonly name: string
  readonly of: 'instance' | 'Postgres'
  /** No client may notice it. */
  readonly isOrderly: boolean
  act(): Promise<void>
}

/** Each kind of fault, of one instance by chance or of Postgres. */
export function faultsOf(
  { places }: Instances,
  postgres: PostgresPair,
  random: (limit: number) => number,
): Fault[] {
  const pauseMs = (least: number, most: number) => least + random(most - least)
  const ofOne = (name: string, act: (place: Place) => Promise<void>, isOrderly = false): Fault => {
    const place = places[random(places.length)]!
    return { name: `${place.name} ${name}`, of: 'instance', isOrderly, act: () => act(place) }
  }
  return [
    ofOne(
      'is restarted in order',
      async place => {
        place.service.signal('SIGTERM')
        expect(await place.service.exited, place.service.lines.join('\n')).to.equal(0)
        await delay(pauseMs(0, 1000))
        await startAgain(place)
      },
      true,
    ),
    ofOne('is killed', async place => {
      await kill(place)
      await delay(pauseMs(0, 1500))
      await startAgain(place)
    }),
    ofOne('does nothing for a while', async ({ service }) => {
      service.signal('SIGSTOP')
      await delay(pauseMs(500, 2500))
      service.signal('SIGCONT')
    }),
    ofOne('is cut off from Postgres', async ({ links }) => {
      for (const link of links) link.cut()
      await delay(pauseMs(500, 2500))
      for (const link of links) link.restore()
    }),
    ofOne('is killed while it is cut off from Postgres', async place => {
      for (const link of place.links) link.cut()
      await delay(pauseMs(500, 1500))
      await kill(place)
      for (const link of place.links) link.restore()
      await startAgain(place)
    }),
    {
      name: 'Postgres is restarted',
      of: 'Postgres',
      isOrderly: false,
      async act() {
        await postgres.primary.stop()
        await delay(pauseMs(0, 2000))
        await postgres.primary.restart()
      },
    },
    {
      name: 'Postgres fails over, without its last commits',
      of: 'Postgres',
      isOrderly: false,
      act: () => postgres.failOver(pauseMs(300, 1500)),
    },
  ]
}

/** One of an instance and one of Postgres at the same time. */
export function atOnce(faults: readonly Fault[]): Fault {
  const both = (['instance', 'Postgres'] as const).map(of => faults.find(fault => fault.of === of)!)
  return {
    name: both.map(({ name }) => name).join(' while '),
    of: 'Postgres',
    isOrderly: false,
    act: async () => void (await Promise.all(both.map(({ act }) => act()))),
  }
}

async function kill({ service }: Place): Promise<void> {
  service.signal('SIGKILL')
  expect(await service.exited).to.equal(null)
}
