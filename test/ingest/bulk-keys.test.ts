import { expect } from 'chai'
import { BulkKeys } from '../../lib/ingest/bulk-keys.ts'

const ONE = '0123456789abcdef0011223344556677'
const OTHER = 'fedcba98765432100011223344556677'

describe('BulkKeys', () => {
  const isOfOther = (fingerprint: string, known: string | null, stored: string | null) => {
    const keys = new BulkKeys(
      { find: () => known?.slice(0, 16) ?? null, note: () => {} },
      { find: async () => stored },
    )
    return keys.isOfOther({ key: 'a', fingerprint })
  }

  it('goes by what Postgres has counted, whatever this instance has acknowledged before it knew', async () => {
    expect(await isOfOther(ONE, OTHER, ONE)).to.equal(false)
    expect(await isOfOther(OTHER, OTHER, ONE)).to.equal(true)
  })

  it('goes by what this instance has acknowledged when Postgres knows nothing of the key, or does not say', async () => {
    expect(await isOfOther(ONE, ONE, null)).to.equal(false)
    expect(await isOfOther(OTHER, ONE, null)).to.equal(true)
    expect(await isOfOther(ONE, null, null)).to.equal(false)
  })
})
