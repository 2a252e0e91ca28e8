import { expect } from 'chai'
import type { Batch } from '../../lib/rows/batch.ts'
import { byClass, CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { ClickCounts } from './click-counts.ts'

/** Postgres as far as a flush goes: the ledger's rule, and a memory of all that it was ever asked to store. */
export class DatabaseModel {
  readonly clicks = new ClickCounts()
  readonly #tried = new Map<number, string>()
  #appliedGeneration = 0

  /** Throws when the batch is out of order, or not what it was when it was tried before. */
  receive(batch: Batch): void {
    const rows = rowsOf(batch)
    expect(rows, 'rows ascending, each key once').to.deep.equal(
      [...new Map(rows.map(row => [`${row.bannerId}@${row.minute}`, row])).values()].sort(
        (a, b) => a.bannerId - b.bannerId || a.minute - b.minute,
      ),
    )
    const content = JSON.stringify(rows)
    expect(this.#tried.get(batch.generation) ?? content, 'a batch tried before').to.equal(content)
    if (!this.#tried.has(batch.generation))
      expect(batch.generation, 'a new key').to.be.above(Math.max(0, ...this.#tried.keys()))
    this.#tried.set(batch.generation, content)
  }

  commit(batch: Batch): void {
    if (batch.generation <= this.#appliedGeneration) return
    this.#appliedGeneration = batch.generation
    for (const { bannerId, minute, clicks } of rowsOf(batch))
      for (const clickClass of CLICK_CLASSES)
        if (clicks[clickClass] > 0) this.clicks.add(bannerId, minute, clickClass, clicks[clickClass])
  }
}

function rowsOf(batch: Batch) {
  return Array.from(batch.bannerIds, (bannerId, row) => ({
    bannerId,
    minute: batch.minutes[row]!,
    clicks: byClass(clickClass => batch.clicks[clickClass][row]!),
  }))
}
