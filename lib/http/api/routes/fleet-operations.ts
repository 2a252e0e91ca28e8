import Joi from '@hapi/joi'
import { INSTANCE_STATES } from '../../../../db/fleet/fleet.ts'
import { documentedUnavailable, noStore } from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'

export const FLEET_UNAVAILABLE =
  'The database cannot be asked at the moment: /health says why, and how this instance is. Try again later.'

const text = Joi.string().required()
const time = Joi.string().isoDate().required()

const instanceSchema = Joi.object({
  name: text.description('INSTANCE_NAME, else its host and port'),
  id: text.description('its writer: of one life of the process'),
  version: text,
  state: Joi.valid(...INSTANCE_STATES)
    .required()
    .description('lost: it was silent for 15 s. forgotten: an operator has said that nobody waits for it'),
  startedAt: time.description('by its own clock'),
  seenAt: time.description('by the clock of Postgres'),
  pending: Joi.number()
    .integer()
    .min(0)
    .required()
    .description('clicks not in Postgres when it was last seen'),
  pendingSeconds: Joi.number()
    .integer()
    .min(0)
    .required()
    .description('for how long the oldest of them may wait'),
  finalThrough: time.description('its clicks before this are in Postgres, by its own clock'),
  advice: text.allow(null).description('what to do; null: nothing'),
}).unknown()

const fleetSchema = Joi.object({
  finalThrough: time
    .allow(null)
    .description(
      'the clicks of all instances before this are in Postgres. null: none serves, drains or is lost',
    ),
  heldBackBy: Joi.array().items(Joi.string()).required().description('who is more than 15 s behind'),
  instances: Joi.array()
    .items(instanceSchema)
    .required()
    .description('by name, also those that were stopped or forgotten within 7 days'),
})
  .unknown()
  .required()
  .label('Fleet')

const example = {
  finalThrough: '2026-12-12T10:00:00Z',
  heldBackBy: ['web-2:8080'],
  instances: [
    {
      name: 'web-1:8080',
      id: '0b5e3f6a-5d0c-4f0e-9d6c-1f6b0a5f2c11',
      version: '1.0.0',
      state: 'serving',
      startedAt: '2026-12-12T09:00:00.000Z',
      seenAt: '2026-12-12T10:03:20.128Z',
      pending: 42,
      pendingSeconds: 1,
      finalThrough: '2026-12-12T10:03:18Z',
      advice: null,
    },
    {
      name: 'web-2:8080',
      id: '6e0c1f5b-2a34-4f7c-8b0a-0d9f5e1c7a22',
      version: '1.0.0',
      state: 'lost',
      startedAt: '2026-12-12T09:00:00.000Z',
      seenAt: '2026-12-12T10:00:01.512Z',
      pending: 17,
      pendingSeconds: 199,
      finalThrough: '2026-12-12T10:00:00Z',
      advice:
        'It holds 17 clicks, and nothing after its last heartbeat is final. Start it again with the same DATA_DIR.',
    },
  ],
}

export const reportFleet: Operation = {
  operationId: 'reportFleet',
  access: 'health',
  tags: ['Health'],
  summary: 'All instances on this database',
  responses: {
    200: {
      description: 'The instances, as of a second ago at most.',
      headers: { 'Cache-Control': noStore },
      content: { 'application/json': { schema: fleetSchema, examples: { fleet: { value: example } } } },
    },
    503: documentedUnavailable('Postgres cannot be reached.', FLEET_UNAVAILABLE),
  },
}
