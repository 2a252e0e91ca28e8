import { expect } from 'chai'
import { KeyUses } from '../../lib/access-watch/key-uses.ts'

describe('days on which keys were used', () => {
  let nowMs: number
  let written: [string, string][][]
  let write: () => Promise<void>
  let uses: KeyUses
  beforeEach(() => {
    nowMs = 1000
    written = []
    write = () => Promise.resolve()
    const noteUse = async (days: ReadonlyMap<string, string>) => {
      await write()
      written.push([...days])
    }
    uses = new KeyUses({ noteUse }, () => nowMs)
  })

  it('are written once, together', async () => {
    uses.add({ keyId: 'a', day: '2026-11-27' })
    uses.add({ keyId: 'b', day: '2026-11-27' })
    uses.add({ keyId: 'a', day: '2026-11-28' })
    await uses.write()
    await uses.write()
    expect(written).to.deep.equal([
      [
        ['a', '2026-11-28'],
        ['b', '2026-11-27'],
      ],
    ])
  })

  it('are written a minute after that has failed, with later ones', async () => {
    const failed = Promise.withResolvers<void>()
    write = () => failed.promise
    uses.add({ keyId: 'a', day: '2026-11-27' })
    uses.add({ keyId: 'b', day: '2026-11-27' })
    const writing = uses.write()
    uses.add({ keyId: 'a', day: '2026-11-28' })
    failed.reject(new Error('locked'))
    await writing
    write = () => Promise.resolve()
    nowMs += 59_999
    await uses.write()
    expect(written).to.deep.equal([])
    nowMs++
    await uses.write()
    expect(written).to.deep.equal([
      [
        ['a', '2026-11-28'],
        ['b', '2026-11-27'],
      ],
    ])
  })
})
