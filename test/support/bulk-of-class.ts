import type { Bulk } from '../../lib/ingest/bulk.ts'
import type { ClickClass } from '../../lib/rows/classes.ts'
import type { Pairs } from '../../lib/rows/keyed-bulk.ts'

/** A bulk whose clicks are all of one class. */
export function bulkOfClass(clickClass: ClickClass, { pairs, clicks }: Pairs): Bulk {
  return { pairs, clicks, parts: [{ clickClass, pairs, clicks }] }
}
