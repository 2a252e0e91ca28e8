import { appendFileSync, readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import pg from 'pg'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'

/**
 * Preloaded into every thread of a service (node --import). Each flush worker stores something, and then dies at the next
 * planned point in the next planned way. MORTAL_WORKER_PLAN names a file of deaths to come, one JSON pair [point, way] a
 * line. MORTAL_WORKER_DEATHS names a file of those that have come.
 */

export const POINTS = [
  'before clear',
  'after clear',
  'before flip',
  'after flip',
  'before rows',
  'after rows',
  'before BEGIN',
  'after ledger',
  'before COMMIT',
  'after COMMIT',
] as const
export const WAYS = ['exit', 'uncaught', 'throw'] as const

export type Death = readonly [point: (typeof POINTS)[number], way: (typeof WAYS)[number] | 'heap']

export function readDeaths(file: string): Death[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

const { MORTAL_WORKER_PLAN: planFile, MORTAL_WORKER_DEATHS: deathsFile } = process.env
// Only the flush worker is told how many rows a statement takes.
if (planFile !== undefined && deathsFile !== undefined && workerData?.batchRows !== undefined)
  makeMortal(planFile, deathsFile)

function makeMortal(planFile: string, deathsFile: string): void {
  const nextDeath = () => readDeaths(planFile)[readDeaths(deathsFile).length]
  let death = nextDeath()
  let hasStored = false
  const pass = (point: string) => {
    if (hasStored && point === death?.[0]) {
      const [, way] = death
      appendFileSync(deathsFile, `${JSON.stringify(death)}\n`)
      // An error that is thrown ends a task, and the worker lives on.
      death = nextDeath()
      hasStored = false
      die(way)
    }
    // Each worker stores something before it dies, and with that the back-off begins anew.
    hasStored ||= point === 'after COMMIT'
  }
  around(Ring.prototype, 'clear', pass)
  around(Generations.prototype, 'flip', pass)
  around(Ring.prototype, 'rows', pass)
  const { query } = pg.Client.prototype as unknown as { query(...call: unknown[]): Promise<unknown> }
  Object.assign(pg.Client.prototype, {
    async query(this: pg.Client, ...call: unknown[]) {
      const sql = String(call[0])
      const name = sql.includes('click_ledger') ? 'ledger' : /^\w*/.exec(sql)![0]
      pass(`before ${name}`)
      const result = await query.apply(this, call)
      pass(`after ${name}`)
      return result
    },
  })
}

function around<Name extends string>(
  prototype: Record<Name, (...call: never[]) => unknown>,
  name: Name,
  pass: (point: string) => void,
): void {
  const method = prototype[name]
  Object.assign(prototype, {
    [name](this: object, ...call: never[]) {
      pass(`before ${name}`)
      const result = method.apply(this, call)
      pass(`after ${name}`)
      return result
    },
  })
}

function die(way: Death[1]): void {
  switch (way) {
    case 'exit':
      process.exit(1)
      break
    case 'throw':
      throw new Error('planned')
    case 'uncaught':
      queueMicrotask(() => {
        throw new Error('planned')
      })
      break
    case 'heap':
      exhaustHeap()
  }
}

function exhaustHeap(): void {
  const held: object[] = []
  // Objects of their own shape: a loop over plain arrays is compiled to one that cannot be interrupted.
  for (;;) held.push({ index: held.length, text: String(held.length) })
}
