import type { Final } from '../../../db/fleet/final-through.ts'
import { type Entries, unpackedMinutes } from '../../../db/stats/entries.ts'
import type { ManyStats } from '../../../db/stats/read-many.ts'
import type { StatsPart } from '../../../db/stats/read-stats.ts'
import { Admission, type AdmissionOptions } from '../../../lib/http/access/admission.ts'
import { manyStatsRoutes } from '../../../lib/http/api/routes/many-stats.ts'
import { statsRoutes } from '../../../lib/http/api/routes/stats.ts'
import { createHapi } from '../../../lib/http/api/server.ts'
import type { ManyQuestion, Question } from '../../../lib/questions/question.ts'
import { expectError } from '../../support/http.ts'
import { openAccess } from '../../support/keys.ts'

export const NOTHING = { total: '0', bots: '0', duplicates: '0' }
/** Of an answer where there is no instance. */
export const NOT_FINAL: Final = { finalThrough: null, heldBackBy: [] }

/** Entries, each `[start, valid, bots, duplicates]`. */
export function entriesOf(...rows: [string, string, string, string][]): Entries {
  return unpackedMinutes({
    entrySteps: rows.map(([start]) => Date.parse(start) / 60_000).join(),
    entryTotals: rows.map(([, clicks]) => clicks).join(),
    entryBots: rows.map(([, , clicks]) => clicks).join(),
    entryDuplicates: rows.map(([, , , clicks]) => clicks).join(),
  })
}

const ASKING = {
  flushBefore: async () => {},
  finalWatch: { through: async () => {}, isKnown: async () => true },
  clientOf: () => 'somebody',
  now: Date.now,
}

/** The routes of /stats in front of a reader that gives what the test says, and keeps what it was asked. */
export class FakeStats {
  /** What the reader gives. */
  parts: (question: Question) => Iterable<StatsPart> | AsyncIterable<StatsPart> = () => [
    { kind: 'begun', final: NOT_FINAL },
  ]
  many: (question: ManyQuestion) => ManyStats = ({ from, to }) => ({
    ...{ range: { from, to }, sums: NOTHING, entries: null, groups: [], compared: null },
    final: NOT_FINAL,
  })
  readonly asked: Question[] = []

  readonly #server = createHapi({
    routes: [
      ...statsRoutes({ read: (_id, question) => this.#read(question) }, ASKING),
      ...manyStatsRoutes(
        {
          readMany: async question => {
            this.asked.push(question)
            return this.many(question)
          },
        },
        ASKING,
      ),
    ],
    admission: new Admission({ access: openAccess() } as AdmissionOptions),
    isHealthPublic: true,
    reportFailure: () => {},
  })

  async *#read(question: Question) {
    this.asked.push(question)
    yield* this.parts(question)
  }

  get(path: string, headers: Record<string, string> = {}) {
    return this.#server.inject({ method: 'GET', url: path, headers })
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    return this.#server.inject({
      ...{ method: 'POST', url: path, payload },
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  /** What the one question became that `ask` brings. */
  async questionOf(ask: () => ReturnType<FakeStats['get']>): Promise<Question> {
    this.asked.length = 0
    const { statusCode, payload } = await ask()
    if (statusCode !== 200) throw new Error(payload)
    return this.asked[0]!
  }

  /** The message of the 400 with which `ask` is refused. Nothing is read for it. */
  async refusalOf(ask: () => ReturnType<FakeStats['get']>): Promise<string> {
    this.asked.length = 0
    const { statusCode, payload } = await ask()
    if (this.asked.length > 0) throw new Error('the reader was asked')
    return expectError(statusCode, payload, 400)
  }
}
