import type { FilesUnit } from '../journal/files/item.ts'
import type { KeptItem } from '../journal/keep/kept.ts'

/** A transaction of a replay takes in files of so many bytes, since nothing else is stored meanwhile. */
const UNIT_BYTES = 16 * 2 ** 20

/** What brings kept items of one writer, ascending by generation, into the database again: few transactions, in order. */
export function replayUnits(items: readonly KeptItem[]): FilesUnit[] {
  const units: FilesUnit[] = []
  let roomBytes = 0
  for (const { writer, generation, names, bytes, clicks } of items) {
    const last = bytes <= roomBytes ? units.pop() : undefined
    if (last === undefined) roomBytes = UNIT_BYTES
    roomBytes -= bytes
    units.push({
      kind: 'files',
      writer,
      generation,
      names: [...(last?.names ?? []), ...names],
      isOwn: clicks !== null,
      isAdopted: false,
      totalClicks: (last?.totalClicks ?? 0) + (clicks ?? 0),
    })
  }
  return units
}
