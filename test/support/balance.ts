import { expect } from 'chai'
import { type Balance, grossBalance, readBalances } from '../../lib/books/balance.ts'
import type { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { ByClass } from '../../lib/rows/classes.ts'

type Named = Omit<Balance, 'repeated' | 'conflicts'> & Partial<Balance>

/** The books of all classes. Without repeated and conflicts where these are 0. */
export function readBalance(memory: SharedMemory): Named {
  return named(grossBalance(readBalances(memory)))
}

/** The same of each class. */
export function readBalancesOf(memory: SharedMemory): Named[] {
  return readBalances(memory).map(named)
}

function named({ repeated, conflicts, ...others }: Balance): Named {
  return { ...others, ...(repeated > 0 && { repeated }), ...(conflicts > 0 && { conflicts }) }
}

export function validOnly(clicks: number): ByClass<number> {
  return [clicks, 0, 0]
}

/** Expects the books to balance, for each class on its own. */
export function expectBalanced(memory: SharedMemory): void {
  for (const [clickClass, { accepted, stored, pending, repeated, lost }] of readBalances(memory).entries())
    expect(accepted, `accepted of class ${clickClass}`).to.equal(stored + pending + repeated + lost)
}
