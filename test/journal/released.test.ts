import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { type ClickFile, parseName } from '../../lib/journal/files/names.ts'
import { planRecovery } from '../../lib/journal/keep/recovery.ts'
import { rowsOf } from '../support/rows.ts'
import { OTHER_WRITER, type TickRecord } from './journal-support.ts'
import { releasedJournal } from './released.ts'
import { batchNameVersion1, encodeVersion1, ticksNameVersion1 } from './version-1.ts'

/** The writer of the file that was damaged by hand. */
const DAMAGED = '7e78606b'
const RELEASES = [
  { version: '1.0.0', format: 1, kinds: { ticks: 11, batch: 1, writer: 4 }, damaged: [DAMAGED] },
  { version: 'format-2', format: 2, kinds: { ticks: 6, batch: 2, writer: 3 }, damaged: [] },
] as const

for (const { version, format, kinds, damaged } of RELEASES)
  describe(`a journal that was left by ${version}`, () => {
    const { path, names, sums } = releasedJournal(version)
    const files = names.map(name => parseName(name)!)
    const clickFiles = files.filter(file => file?.kind !== 'writer') as ClickFile[]

    it('has names that are known, of all kinds', () => {
      const count = Map.groupBy(files, ({ kind }) => kind)
      expect(Object.fromEntries([...count].map(([kind, of]) => [kind, of.length]))).to.deep.equal(kinds)
      expect(new Set(clickFiles.map(({ version }) => version))).to.deep.equal(new Set([format]))
    })

    it('holds what clients were told was counted; what is damaged of it is named, what is torn is not', () => {
      const { rows, damaged: found } = readFiles(
        path,
        clickFiles.map(({ name }) => name),
      )
      expect(rowsOf(rows)).to.deep.equal(sums)
      expect(found.map(name => name.split('-')[0])).to.deep.equal(damaged)
    })

    it('is recovered as a whole', () => {
      const plans = planRecovery(files, OTHER_WRITER, () => 1)
      expect(plans.flatMap(({ units }) => units.flatMap(unit => unit.names))).to.have.members(
        clickFiles.map(({ name }) => name),
      )
      expect(plans.flatMap(({ superseded }) => superseded)).to.deep.equal([])
    })
  })

describe('what tests write as 1.0.0', () => {
  const { path, names } = releasedJournal('1.0.0')
  const files = names.map(name => parseName(name)!).filter(file => file.kind !== 'writer')

  it('is what it wrote, byte for byte', () => {
    for (const { name, key } of files.filter(({ name }) => !name.startsWith(DAMAGED))) {
      const content = readFileSync(join(path, name))
      const encoded = encodeVersion1(key, wholeRecords(content))
      expect(content.subarray(0, encoded.length), name).to.deep.equal(encoded)
      expect(content.length - encoded.length, 'only a torn record is left').to.be.below(28)
    }
  })

  it('has the names that it gave', () => {
    for (const { kind, name, key } of files) {
      const sequence = Number(name.match(/(\d+)\.ticks/)?.[1])
      expect(kind === 'ticks' ? ticksNameVersion1(key, sequence) : batchNameVersion1(key)).to.equal(name)
    }
  })
})

function wholeRecords(content: Buffer): TickRecord[] {
  const records: TickRecord[] = []
  for (let at = FILE_HEADER_BYTES; at < content.length; ) {
    const bytes = content.readUInt32LE(at + 4)
    const payload = content.subarray(at + RECORD_HEADER_BYTES, (at += RECORD_HEADER_BYTES + bytes))
    if (payload.length < bytes) break
    const pairs = Array.from({ length: (bytes - 4) / 8 }, (_, pair): [number, number] => [
      payload.readUInt32LE(4 + 8 * pair),
      payload.readUInt32LE(8 + 8 * pair),
    ])
    records.push([payload.readUInt32LE(), new Map(pairs)])
  }
  return records
}
