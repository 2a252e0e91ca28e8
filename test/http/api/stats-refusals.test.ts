import { expect } from 'chai'
import {
  DatabaseUnavailableError,
  QuestionTooLargeError,
  TooFineError,
  TooManyReadersError,
} from '../../../lib/base/errors.ts'
import { expectError } from '../../support/http.ts'
import { FakeStats } from './fake-stats.ts'

const RANGE = 'from=2024-12-12&to=2024-12-14'
const unavailable =
  /^The database cannot answer at the moment: \/health says why, and clicks are still counted/

/** What a reader may say before its first piece, and what the client gets. */
const refusals = [
  { error: new QuestionTooLargeError('ask for days'), status: 400, says: /^ask for days$/ },
  { error: new TooFineError('the finest step is "day"'), status: 400, says: /^the finest step is "day"$/ },
  { error: new TooManyReadersError(new Error('waited')), status: 503, says: /^Too many long answers/ },
  { error: new DatabaseUnavailableError(new Error('secret')), status: 503, says: unavailable },
  { error: new Error('secret'), status: 503, says: unavailable },
]

describe('What the reader of /stats refuses', () => {
  for (const { error, status, says } of refusals)
    it(`is ${status} for ${error.constructor.name}, whatever the question and the format`, async () => {
      const stats = new FakeStats()
      // biome-ignore lint/correctness/useYield: it fails before its first part
      stats.parts = async function* () {
        throw error
      }
      stats.many = () => {
        throw error
      }
      for (const path of ['/stats/1', '/stats'])
        for (const accept of ['application/json', 'text/csv']) {
          const { statusCode, payload, headers } = await stats.get(`${path}?${RANGE}`, { accept })
          expect(expectError(statusCode, payload, status)).to.match(says)
          expect(headers['retry-after'], path).to.equal(status === 503 ? 5 : undefined)
          expect(headers['cache-control'], path).to.equal('no-cache')
          expect(headers).not.to.have.property('content-disposition')
        }
    })
})
