import type pg from 'pg'
import { statements } from '../statements.ts'

/** How far an answer has the clicks of all instances. */
export interface Final {
  /** Every click that arrived before this, at any instance, is in it: RFC 3339, whole seconds. null: there is no instance. */
  readonly finalThrough: string | null
  /** Names of the instances that are more than 15 s behind, ascending. */
  readonly heldBackBy: readonly string[]
}

/** What one instance says of itself. */
export interface FinalRow {
  readonly name: string
  /** Whole seconds since the epoch. */
  readonly through: number
  /** More than 15 s behind the clock of Postgres. */
  readonly isLagging: boolean
}

/** How far each instance is that nobody has ended, by name. */
export async function readInstances(client: pg.ClientBase): Promise<readonly FinalRow[]> {
  return (await client.query<FinalRow>(statements.finalThrough)).rows
}

/** The rows were read before the clicks that it is true of: what is stored between the two is in them as well. */
export function finalOf(rows: readonly FinalRow[]): Final {
  const oldest = Math.min(...rows.map(({ through }) => through))
  return {
    finalThrough: rows.length === 0 ? null : timeOf(oldest),
    heldBackBy: [...new Set(rows.filter(({ isLagging }) => isLagging).map(({ name }) => name))],
  }
}

/** RFC 3339, of whole seconds since the epoch. */
export function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
