import { expect } from 'chai'
import { type Balance, grossBalance, readBalances } from '../../lib/books/balance.ts'
import type { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { ByClass } from '../../lib/rows/classes.ts'

/** The books of all classes. */
export function readBalance(memory: SharedMemory): Balance {
  return grossBalance(readBalances(memory))
}

export function validOnly(clicks: number): ByClass<number> {
  return [clicks, 0, 0]
}

/** Expects the books to balance, for each class on its own. */
export function expectBalanced(memory: SharedMemory): void {
  for (const [clickClass, { accepted, stored, pending, lost }] of readBalances(memory).entries())
    expect(accepted, `accepted of class ${clickClass}`).to.equal(stored + pending + lost)
}
