import Joi from '@hapi/joi'
import { noStore } from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'

const example = `# HELP clickcounter_clicks_accepted_total Clicks that were acknowledged.
# TYPE clickcounter_clicks_accepted_total counter
clickcounter_clicks_accepted_total 1042
`

export const reportMetrics: Operation = {
  operationId: 'reportMetrics',
  access: 'health',
  tags: ['Health'],
  summary: 'The figures, for Prometheus',
  responses: {
    200: {
      description: 'All metrics, in Prometheus’ text format 0.0.4.',
      headers: { 'Cache-Control': noStore },
      content: { 'text/plain': { schema: Joi.string(), examples: { beginning: { value: example } } } },
    },
  },
}
