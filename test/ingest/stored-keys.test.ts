import { mock } from 'node:test'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { StoredKeys } from '../../lib/ingest/stored-keys.ts'
import { until } from '../support/until.ts'

type Question = PromiseWithResolvers<ReadonlyMap<string, string>> & { keys: readonly string[] }

/** Postgres' answers are the test's to give. */
function ask() {
  const questions: Question[] = []
  const database = { isDown: false }
  const clock = { ms: 0 }
  const stored = new StoredKeys({
    read: keys => {
      const question = { ...Promise.withResolvers<ReadonlyMap<string, string>>(), keys }
      questions.push(question)
      return question.promise
    },
    isDatabaseDown: () => database.isDown,
    monotonicMs: () => clock.ms,
  })
  return { stored, questions, database, clock }
}

describe('StoredKeys', () => {
  it('asks once for all keys of a turn, and once for each', async () => {
    const { stored, questions } = ask()
    const found = Promise.all(['a', 'b', 'a'].map(key => stored.find(key)))
    await turnEnd()
    expect(questions.map(({ keys }) => keys)).to.deep.equal([['a', 'b']])
    questions[0]!.resolve(new Map([['a', 'print']]))
    expect(await found).to.deep.equal(['print', null, 'print'])
  })

  it('asks for those that come meanwhile when the answer is there, and not before', async () => {
    const { stored, questions } = ask()
    void stored.find('a')
    await turnEnd()
    const later = [stored.find('b'), stored.find('c')]
    await turnEnd()
    expect(questions).to.have.lengthOf(1)
    questions[0]!.resolve(new Map())
    await until(() => questions.length === 2)
    expect(questions.map(({ keys }) => keys)).to.deep.equal([['a'], ['b', 'c']])
    questions[1]!.resolve(new Map([['c', 'print']]))
    expect(await Promise.all(later)).to.deep.equal([null, 'print'])
  })

  for (const [tookMs, restMs] of [
    [1, 4],
    [10, 40],
    [60, 50],
  ] as const)
    it(`rests for ${restMs} ms after a question that took ${tookMs} ms`, async () => {
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        const { stored, questions, clock } = ask()
        void stored.find('a')
        await turnEnd()
        clock.ms += tookMs
        questions[0]!.resolve(new Map())
        await turnEnd()
        void stored.find('b')
        mock.timers.tick(restMs - 1)
        await turnEnd()
        expect(questions).to.have.lengthOf(1)
        void stored.find('c')
        mock.timers.tick(1)
        expect(questions.map(({ keys }) => keys)).to.deep.equal([['a'], ['b', 'c']])
      } finally {
        mock.timers.reset()
      }
    })

  it('does not ask while Postgres is down', async () => {
    const { stored, questions, database } = ask()
    database.isDown = true
    expect(await stored.find('a')).to.equal(null)
    await turnEnd()
    expect(questions).to.deep.equal([])
  })

  it('says that it does not know when Postgres fails, and asks again the next time', async () => {
    const { stored, questions } = ask()
    const failed = stored.find('a')
    await turnEnd()
    questions[0]!.reject(new Error('relation "bulk_keys" does not exist'))
    expect(await failed).to.equal(null)
    const found = stored.find('a')
    await until(() => questions.length === 2)
    questions[1]!.resolve(new Map([['a', 'print']]))
    expect(await found).to.equal('print')
  })

  it('waits 100 ms for an answer, and for none while that one is late', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { stored, questions } = ask()
      const asked = stored.find('a')
      await turnEnd()
      const next = stored.find('b')
      mock.timers.tick(99)
      expect(await Promise.race([asked, turnEnd('waiting')])).to.equal('waiting')
      mock.timers.tick(1)
      expect(await Promise.all([asked, next, stored.find('c')])).to.deep.equal([null, null, null])
      await turnEnd()
      expect(questions).to.have.lengthOf(1)
      questions[0]!.resolve(new Map([['a', 'print']]))
      await turnEnd()
      const found = stored.find('a')
      mock.timers.tick(1)
      await turnEnd()
      questions[1]!.resolve(new Map([['a', 'print']]))
      expect(await found).to.equal('print')
    } finally {
      mock.timers.reset()
    }
  })

  it('asks for 256 keys at once, and knows nothing of more', async () => {
    const { stored, questions } = ask()
    const found = Promise.all(Array.from({ length: 300 }, (_, nth) => stored.find(`${nth}`)))
    await turnEnd()
    expect(questions[0]!.keys).to.have.lengthOf(256)
    questions[0]!.resolve(new Map([['255', 'print'], ['256', 'print']])) // biome-ignore format: a table
    expect((await found).slice(254, 258)).to.deep.equal([null, 'print', null, null])
    await turnEnd()
    expect(questions).to.have.lengthOf(1)
  })
})
