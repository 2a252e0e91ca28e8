import { expect } from 'chai'
import { Budget } from '../../lib/flush/budget.ts'

describe('the room of what waits for Postgres', () => {
  it('is used up by memory and disk together, to the byte', () => {
    const { budget, usage, told } = newBudget(100)
    usage.backlogBytes = 60
    usage.journalBytes = 39
    budget.measure()
    usage.backlogBytes = 61
    budget.check()
    usage.backlogBytes = 60
    budget.check()
    usage.journalBytes = 40
    budget.measure()
    expect(told.isFull).to.deep.equal([false, true, false, true])
  })

  it('goes to what is kept as far as nothing waits', () => {
    const { budget, usage, told } = newBudget(100)
    for (const [backlogBytes, journalBytes] of [
      [0, 0],
      [30, 20],
      [70, 50],
    ] as const) {
      Object.assign(usage, { backlogBytes, journalBytes })
      budget.measure()
    }
    expect(told.keptBytes).to.deep.equal([100, 50, -20])
  })

  it('goes by the last size of a journal that cannot be looked at', () => {
    const { budget, usage, told } = newBudget(100)
    usage.journalBytes = 100
    budget.measure()
    usage.journalBytes = null
    budget.measure()
    expect(told).to.deep.equal({ isFull: [true, true], keptBytes: [0, 0] })
  })
})

function newBudget(maxBacklogBytes: number) {
  const usage = { backlogBytes: 0, journalBytes: 0 as number | null }
  const told = { isFull: [] as boolean[], keptBytes: [] as number[] }
  const backlog = {
    get bytes() {
      return usage.backlogBytes
    },
  }
  const budget = new Budget(backlog, {
    maxBacklogBytes,
    journal: {
      measure: () => usage.journalBytes,
      limitKept: bytes => void told.keptBytes.push(bytes),
    },
    report: { backlogIsFull: isFull => void told.isFull.push(isFull) },
  })
  return { budget, usage, told }
}
