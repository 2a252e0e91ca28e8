import { expect } from 'chai'
import { stepsOf } from '../../../db/stats/part.ts'
import type { Question } from '../../../lib/questions/question.ts'
import { stepStarts } from '../../../lib/questions/step-starts.ts'

const questions = [
  { step: 'quarter', timeZone: 'Europe/Berlin', from: '2025-06-03T10:07:20Z', to: '2026-11-01T00:00Z' },
  { step: 'hour', timeZone: 'Australia/Lord_Howe', from: '2021-03-01T10:59Z', to: '2026-11-01T00:00:01Z' },
  { step: 'minute', timeZone: 'UTC', from: '2026-10-01T00:00:30Z', to: '2026-11-04T00:00Z' },
] as const

describe('very many steps of a question', () => {
  for (const { step, timeZone, ...times } of questions)
    it(`are those of the range by ${step}, made while the thread goes round`, async () => {
      const range = { from: new Date(times.from), to: new Date(times.to) }
      const question: Question = { ...range, step, timeZone, fill: false, compare: null }
      let rounds = 0
      const round = () => {
        rounds++
        next = setImmediate(round)
      }
      let next = setImmediate(round)
      const [steps] = await stepsOf(question)
      clearImmediate(next)
      expect(steps!.starts).to.deep.equal(stepStarts({ ...range, step, timeZone }))
      expect(steps!.starts.length).to.be.above(45_000)
      expect(rounds).to.be.at.least(Math.floor(steps!.starts.length / 10_000))
    })
})
