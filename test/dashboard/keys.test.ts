import { expect } from 'chai'
import { KeyReader } from '../../lib/dashboard/page/keys.js'

describe('keys', () => {
  const typed = (...keys: (string | [key: string, atMs: number])[]) => {
    const reader = new KeyReader(['g l', 'g b', '?', 'b'])
    return keys.map((key, index) =>
      typeof key === 'string' ? reader.read(key, index * 100) : reader.read(...key),
    )
  }
  for (const { of, keys, shortcuts } of [
    { of: 'one key', keys: ['?', 'x', '?'], shortcuts: ['?', null, '?'] },
    { of: 'two keys', keys: ['g', 'l', 'g', 'b'], shortcuts: [null, 'g l', null, 'g b'] },
    { of: 'a second key alone', keys: ['l', 'b'], shortcuts: [null, 'b'] },
    { of: 'a wrong second key, which begins nothing', keys: ['g', 'g', 'l'], shortcuts: [null, null, null] },
    {
      of: 'a second key that is late',
      keys: [
        ['g', 0],
        ['b', 1600],
      ] as [string, number][],
      shortcuts: [null, 'b'],
    },
  ])
    it(`make shortcuts: ${of}`, () => {
      expect(typed(...keys)).to.deep.equal(shortcuts)
    })
})
