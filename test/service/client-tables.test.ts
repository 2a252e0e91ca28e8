import { expect } from 'chai'
import { DuplicateTable, KNOWN, NO_PLACE } from '../../lib/clients/duplicate-table.ts'
import { Salts } from '../../lib/clients/salts.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { ClientTables, watchClientTables } from '../../lib/service/client-tables.ts'
import { until } from '../support/until.ts'

const KEY = { high: 1 << 20, low: 2 }

describe('watchClientTables', () => {
  it('does nothing when no setting needs it', () => {
    const memory = newMemory()
    const before = memory.u8.slice()
    watchClientTables(memory).stop()
    expect(memory.u8).to.deep.equal(before)
  })

  for (const settings of [{ duplicateWindowMs: 1000 }, { clientClicksPerMinute: 60 }])
    it(`makes a salt before it returns, with ${JSON.stringify(settings)}`, () => {
      const memory = newMemory(settings)
      watchClientTables(memory).stop()
      expect(new Salts(memory).edition).to.equal(1)
    })

  it('lets notes be made before it returns', () => {
    const memory = newMemory({ duplicateWindowMs: 1000 })
    const table = new DuplicateTable(memory, 1000)
    expect(table.note(KEY, null, 1, Date.now())).to.equal(NO_PLACE)
    watchClientTables(memory).stop()
    expect(table.note(KEY, null, 1, Date.now())).to.be.at.least(0)
  })

  it('clears notes that are over, each second', async () => {
    const memory = newMemory({ duplicateWindowMs: 1000 })
    const watch = watchClientTables(memory)
    const table = new DuplicateTable(memory, 1000)
    const place = table.note(KEY, null, 1, Date.now())
    expect(place).to.be.at.least(0)
    const deadlineMs = Date.now() + 1900
    const isCleared = () => memory.i32[memory.notesIndex + place] === 0
    await until(() => isCleared() || Date.now() > deadlineMs)
    watch.stop()
    expect(isCleared()).to.equal(true)
  })
})

describe('ClientTables', () => {
  it('change the salt and keep the notes at midnight UTC', () => {
    const midnightMs = Date.parse('2026-11-29T00:00:00Z')
    const memory = newMemory({ duplicateWindowMs: 1000 })
    const [salts, table, tables] = [
      new Salts(memory),
      new DuplicateTable(memory, 1000),
      new ClientTables(memory),
    ]
    tables.look(midnightMs - 500)
    const key = salts.keyOf('alice')
    expect(table.note(key, null, 1, midnightMs - 500)).to.be.at.least(0)
    // A minute has to pass for a second salt. Another instance has made none yet.
    new ClientTables(memory).look(midnightMs)
    expect(salts.keyOf('alice')).to.not.deep.equal(key)
    const previousKey = salts.previousKeyOf('alice', midnightMs)
    expect(table.note(salts.keyOf('alice'), previousKey, 1, midnightMs)).to.equal(KNOWN)
  })
})

function newMemory(
  settings: { duplicateWindowMs?: number; clientClicksPerMinute?: number } = {},
): SharedMemory {
  return SharedMemory.create({ threadCount: 1, maxBanners: 1, ...settings })
}
