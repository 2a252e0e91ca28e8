import { healthHistorySchema } from '../../../health/schema.ts'
import { anyOrigin, noStore } from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'

const example = {
  everySeconds: 1,
  to: '2024-12-12T10:00:02.000Z',
  samples: {
    clicksPerSecond: [80, null, 84.5],
    botsPerSecond: [8, null, 9.1],
    duplicatesPerSecond: [2, null, 1.8],
    stored: [916, null, 1000],
    storedPerSecond: [79.8, null, 84.2],
    pending: [41, null, 42],
    p50Ms: [0.2, null, 0.2],
    p99Ms: [1.1, null, 1.1],
    p999Ms: [2.3, null, 2.3],
    flushMs: [3.1, null, 3.1],
    journalBytes: [4096, null, 4096],
    oldestSeconds: [0.8, null, 1.8],
    databaseUp: [1, null, 1],
    busiestPercent: [2, null, 2.1],
    meanPercent: [2, null, 2.1],
    delayMs: [1.1, null, 1.1],
  },
}

export const reportHistory: Operation = {
  operationId: 'reportHistory',
  access: 'health',
  tags: ['Health'],
  summary: 'The figures of the last 15 minutes, for charts',
  description:
    'One sample of `/health` a second, kept by this instance since its start. The same from whichever thread answers.',
  responses: {
    200: {
      description: 'The samples, a column for each figure.',
      headers: { 'Cache-Control': noStore, 'Access-Control-Allow-Origin': anyOrigin },
      content: {
        'application/json': { schema: healthHistorySchema, examples: { three: { value: example } } },
      },
    },
  },
}
