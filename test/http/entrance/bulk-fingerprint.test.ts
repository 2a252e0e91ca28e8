import { expect } from 'chai'
import type { BulkEntry } from '../../../lib/http/entrance/bulk-entry.ts'
import { fingerprintOf } from '../../../lib/http/entrance/bulk-fingerprint.ts'

const forwarded = (id: number, userAgent = 'Mozilla/5.0', ip = '192.0.2.1') => ({ id, userAgent, ip })

/** In each line, bulks with the same content; no two lines have the same. */
const CONTENTS: readonly (readonly BulkEntry[])[][] = [
  [[{ id: 1 }], [{ id: 1, count: 1 }], [{ id: 1, class: 'valid' }], [{ class: 'valid', count: 1, id: 1 }]],
  [[{ id: 1, class: 'bot' }], [{ id: 1, class: 'bot', count: 1 }]],
  [[{ id: 1, class: 'duplicate' }]],
  [[{ id: 2 }]],
  [[{ id: 1 }, { id: 1 }], [{ id: 1, count: 2 }], [{ id: 1 }, { id: 1, class: 'valid' }]],
  [
    [{ id: 1 }, { id: 2, count: 5 }],
    [{ id: 2, count: 5 }, { id: 1 }],
    [{ id: 2, count: 4 }, { id: 1 }, { id: 2 }],
  ],
  [
    [{ id: 1 }, { id: 2, count: 5, class: 'bot' }],
    [{ id: 2, class: 'bot', count: 5 }, { id: 1 }],
  ],
  [
    [
      { id: 1, class: 'bot' },
      { id: 2, count: 5 },
    ],
  ],
  [
    [
      { id: 1, count: 5 },
      { id: 2, count: 1 },
    ],
  ],
  [[{ id: 2_147_483_647, count: 1_000_000 }]],
  [[{ id: 2_147_483_647, count: 999_999 }]],
  [[{ id: 2_147_483_646, count: 1_000_000 }]],
  [[forwarded(1)]],
  [[forwarded(2)]],
  [[forwarded(1, 'Mozilla/5.1')]],
  [[forwarded(1, 'Mozilla/5.0', '192.0.2.2')]],
  [
    [forwarded(1), forwarded(2)],
    [forwarded(2), forwarded(1)],
  ],
  [[forwarded(1), forwarded(1)]],
  [[forwarded(1, 'a"]\n[2,"b')]],
  [
    [forwarded(1), { id: 1 }],
    [{ id: 1 }, forwarded(1)],
  ],
]

describe('the fingerprint of a bulk', () => {
  it('is 32 hexadecimal digits, and of its content alone: not of order, partition, or what goes without saying', () => {
    const prints = CONTENTS.map(bulks => [...new Set(bulks.map(fingerprintOf))])
    for (const [line, same] of prints.entries()) {
      expect(same, `line ${line}`).to.have.lengthOf(1)
      expect(same[0]).to.match(/^[\da-f]{32}$/)
    }
    expect(new Set(prints.flat()).size).to.equal(CONTENTS.length)
  })

  it('stays what it is: other instances and later versions compare it', () => {
    expect(fingerprintOf([{ id: 1 }, { id: 2, count: 5 }])).to.equal('740aa9a4e17300fabc28576d6ae0f5c5')
    expect(fingerprintOf([{ id: 3, class: 'bot' }, forwarded(4)])).to.equal(
      '7dac2d305421efc35e7cdf1b365ec62f',
    )
  })
})
