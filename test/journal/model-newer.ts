import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isOfClicks, readEntries } from '../../lib/journal/files/entries.ts'

/** Gives a file of clicks that waits a name as a newer version might. `nth` chooses it, modulo their number. */
export function giveNewerName(journal: string, nth: number): void {
  const files = readEntries(journal).entries.filter(isOfClicks)
  const name = files[nth % files.length]?.file.name
  if (name !== undefined) renameSync(join(journal, name), join(journal, `${name}3`))
}

/** Gives all such files their names back: what that version stores of them, this one can store in its place. */
export function giveNamesBack(journal: string): void {
  for (const name of readdirSync(journal).filter(name => /(ticks|batch)2?3$/.test(name)))
    renameSync(join(journal, name), join(journal, name.slice(0, -1)))
}
